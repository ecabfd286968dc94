import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { NixherdError } from "../../../lib/errors.ts";
import { flakeKey, isRemoteFlake } from "../../../specs/flake-key.ts";
import { type NixSetting, runNix } from "./run-nix.ts";

const timeoutMs = 60_000;

/** Is there a Nix here? */
export async function isNixHere(setting: NixSetting): Promise<boolean> {
  return runNix({ ...setting, args: ["--version"], timeoutMs }).then(
    ({ exitCode }) => exitCode === 0,
    (error: unknown) => {
      if (error instanceof NixherdError && error.code === "COMMAND_NOT_STARTED") return false;
      throw error;
    },
  );
}

/**
 * Why a flake cannot be evaluated here in a way that gives the same tomorrow, and what to do, in one sentence; undefined
 * where nothing is in the way.
 */
export async function findObstacle(flake: string, setting: NixSetting): Promise<string | undefined> {
  if (isRemoteFlake(flake)) return undefined;
  const folder = resolve(setting.root, flake);
  if (!existsSync(join(folder, "flake.nix"))) return `There is no flake.nix in ${flake}.`;
  if (flakeKey(setting.root, flake) === undefined)
    return `The flake ${flake} is in no git repository: git init, git add.`;
  const isLocked = existsSync(join(folder, "flake.lock"));
  if (isLocked || !(await hasInputs(folder, setting))) return undefined;
  return `The flake ${flake} has no flake.lock, so nothing says which nixpkgs it means: run nix flake lock in it, then git add flake.lock.`;
}

async function hasInputs(folder: string, setting: NixSetting): Promise<boolean> {
  const args = [
    "--eval",
    "--json",
    "--expr",
    `(import ${JSON.stringify(`${folder}/flake.nix`)}).inputs or { } != { }`,
  ];
  const asked = await runNix({ ...setting, program: "nix-instantiate", args, timeoutMs });
  return asked.stdout.trim() === "true";
}
