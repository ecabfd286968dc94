import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type SystemContents, writeSystem } from "./write-system.ts";

/**
 * Comments in a module that make the stand-in behave as a broken configuration does: `# embedded: fail activation` and so
 * on. The value is what its files say of it; `# embedded: fail build` does not get that far.
 */
const markers: Readonly<Record<string, Partial<SystemContents>>> = {
  "fail activation": { activation: 2 },
  degraded: { activation: 4 },
  "lock is busy": { activation: 11 },
  "needs reboot": { activation: 100 },
  panic: { activation: 101 },
  "hang activation": { activation: "hang" },
  "freeze machine": { activation: "freeze" },
  "fail boot loader": { activation: "no-boot-loader" },
  "lose logind": { activation: "no-logind" },
  "fail reload": { activation: "reload" },
  "fail until the next try": { activation: "next-try" },
  "fail activation and units": { activation: "both" },
  "guard itself": { activation: "guarded" },
  "break network": { breaks: "network" },
  "break sshd": { breaks: "sshd" },
  "other kernel": { kernel: "other" },
  "unloadable kernel": { kernel: "unloadable" },
  "kernel, no boot loader": { kernel: "other", activation: "no-boot-loader" },
  "kernel hangs": { kernel: "hanging", boot: "hangs" },
  "other kernel, older systemd": { kernel: "other", systemd: 255 },
  "kernel hangs, older systemd": { kernel: "hanging", boot: "hangs", systemd: 255 },
  "kernel, no network": { kernel: "other", breaks: "network" },
  "kernel panics": { kernel: "panicking", boot: "panics" },
  "other init": { inhibitor: "other" },
};
const markerPattern = new RegExp(`#\\s*embedded: (fail build|${Object.keys(markers).join("|")})\\s*$`, "m");

interface MachineSpec {
  readonly name?: string;
  readonly access?: { readonly sshKeys?: readonly string[] };
  readonly nixos?: {
    readonly modules?: readonly string[];
    readonly health?: readonly { readonly unit?: string }[];
  };
}

/**
 * Builds the stand-in of `nixosConfigurations.<attribute>` from a flake's folder: hashes what the real system would
 * depend on, and writes it into the machine's store. Fails with messages in the style of Nix.
 */
async function buildSystem(root: string, flake: string, attribute: string): Promise<string> {
  if (!existsSync(join(flake, "flake.nix")))
    throw new Error(`path '${flake}' does not contain a 'flake.nix'`);
  const specs = findSpecs(flake, attribute);
  const modules = nearest(specs, (spec) => spec.nixos?.modules) ?? [];
  const sources = ["flake.nix", "flake.lock", ...nixFiles(flake), ...modules].map((path) =>
    readSource(flake, path),
  );
  const marker = markerPattern.exec(sources.join("\n"))?.[1];
  if (marker === "fail build") {
    throw new Error(
      `builder for 'nixos-system-${attribute}.drv' failed with exit code 1 (embedded: fail build)`,
    );
  }
  const inputs = [...sources, ...specs.map((spec) => JSON.stringify([spec.name, spec.access, spec.nixos]))];
  return writeSystem(root, {
    name: attribute,
    inputs: inputs.join("\n"),
    units: (nearest(specs, (spec) => spec.nixos?.health) ?? []).flatMap(({ unit }) => unit ?? []),
    keys: nearest(specs, (spec) => spec.access?.sshKeys) ?? [],
    ...markers[marker ?? ""],
  });
}

/** The spec of a machine, followed by the defaults of its stack and of the repository. */
function findSpecs(flake: string, attribute: string): MachineSpec[] {
  const folder = join(flake, "vm-specs");
  const stacks = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  for (const stack of stacks) {
    for (const file of readdirSync(join(folder, stack.name)).filter((name) => /^[^_.].*\.json$/.test(name))) {
      const spec = readSpec(join(folder, stack.name, file));
      if ((spec.name ?? basename(file, ".json")) !== attribute) continue;
      return [
        spec,
        readSpec(join(folder, stack.name, "_defaults.json")),
        readSpec(join(folder, "_defaults.json")),
      ];
    }
  }
  const isNamed = (path: string): boolean => readFileSync(join(flake, path), "utf8").includes(attribute);
  if (["flake.nix", ...nixFiles(flake)].some(isNamed)) return [];
  throw new Error(`flake 'path:${flake}' does not provide attribute 'nixosConfigurations."${attribute}"'`);
}

function readSpec(file: string): MachineSpec {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

function nearest<T>(
  specs: readonly MachineSpec[],
  read: (spec: MachineSpec) => T | undefined,
): T | undefined {
  return specs.map(read).find((value) => value !== undefined);
}

/** Every module that all machines share: the files under nix/ but nix/hosts/. */
function nixFiles(flake: string): string[] {
  const folder = join(flake, "nix");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".nix") && !file.startsWith("hosts/"))
    .sort()
    .map((file) => `nix/${file}`);
}

function readSource(flake: string, path: string): string {
  const file = join(flake, path);
  if (existsSync(file)) return `${path}\n${readFileSync(file, "utf8")}`;
  if (path === "flake.lock") return "";
  throw new Error(`path '${file}' does not exist`);
}

const [flake = "", attribute = ""] = process.argv.slice(2);
try {
  console.log(await buildSystem(process.env["NIXHERD_ROOT"] ?? "", flake, attribute));
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
