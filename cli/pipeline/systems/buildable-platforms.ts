import { readFile } from "node:fs/promises";
import { type NixSetting, runNix } from "./run-nix.ts";

const timeoutMs = 60_000;

type Settings = Readonly<Record<string, { readonly value?: unknown }>>;

/**
 * Says what Nix here can build for, as "x86_64-linux" is a platform: by itself, by emulation or by a builder.
 * @throws COMMAND_NOT_STARTED, COMMAND_TIMED_OUT
 */
export async function readBuildablePlatforms(setting: NixSetting): Promise<(platform: string) => boolean> {
  const settings = await readSettings(setting);
  const text = (name: string) => String(settings[name]?.value ?? "");
  const builders = text("builders");
  const machines = builders.startsWith("@") ? await readMachines(builders.slice(1)) : builders;
  const words = [text("system"), text("extra-platforms"), machines].flatMap((value) =>
    value.split(/[\s,;]+/),
  );
  return (platform) => words.includes(platform);
}

async function readSettings(setting: NixSetting): Promise<Settings> {
  // The second is what the first is called since Nix 2.20.
  for (const words of [["show-config"], ["config", "show"]]) {
    const { exitCode, stdout } = await runNix({ ...setting, args: [...words, "--json"], timeoutMs });
    if (exitCode === 0) return JSON.parse(stdout);
  }
  return {};
}

/** Builders are listed in a file, where there is one. */
async function readMachines(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "EACCES") return "";
    throw error;
  });
}
