import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { App } from "cdktf";
import { NixherdError } from "../lib/errors.ts";
import type { Fleet, Machine } from "../specs/fleet.ts";
import { findResolvedSystems, type ResolvedSystem } from "../specs/resolved-systems.ts";
import { flakeSource } from "./flake-source.ts";
import { keepInManifest } from "./keep-in-manifest.ts";
import { VmStack } from "./vm-stack.ts";

/**
 * Writes one Terraform configuration per stack: `<outputFolder>/stacks/<stack>/cdk.tf.json` and the CDK's manifest.
 * The same fleet gives the same bytes. Everything is written aside first and then renamed into place file by file,
 * so that a full disk leaves the last good output alone. What an earlier synthesis wrote of the stacks in `leftOut` stays.
 *
 * @throws NixherdError SYNTH_NOT_WRITTEN
 */
export function synthesize(fleet: Fleet, outputFolder: string, leftOut: readonly string[] = []): void {
  const sources = new Map<string, string>();
  const hashOf = (flake: string): string => {
    const known = sources.get(flake) ?? flakeSource(fleet.root, flake);
    sources.set(flake, known);
    return known;
  };
  const resolvedOf = resolvedSystems(fleet);

  writeAside(outputFolder, (folder) => {
    const app = new App({ outdir: folder });
    for (const stack of fleet.stacks) {
      new VmStack(app, stack.name, {
        site: fleet.site,
        stack,
        sourceOf(machine) {
          const { nixos } = machine.spec;
          if (nixos === false) return { source: "none" };
          const resolved = resolvedOf(machine);
          if (resolved === undefined) return { source: hashOf(nixos.flake) };
          const { identity: source, system, isBuilt } = resolved;
          // A machine or a build host builds by itself what it does not have.
          const isOfUse = isBuilt && (nixos.buildOn === "auto" || nixos.buildOn === "local");
          return isOfUse ? { source, system } : { source };
        },
      });
    }
    app.synth();
    keepInManifest(folder, outputFolder, leftOut);
  });
}

/**
 * What `nixherd` evaluated, where that is of use: the embedded cluster's machines run no system that Nix built. It sets
 * NIXHERD_SYSTEMS=current for a synthesis that follows the evaluation.
 */
function resolvedSystems({ root, site }: Fleet): (machine: Machine) => ResolvedSystem | undefined {
  return env["NIXHERD_EMBEDDED"] || !site.nixos.resolve
    ? () => undefined
    : findResolvedSystems(root, env["NIXHERD_SYSTEMS"] === "current");
}

function writeAside(outputFolder: string, write: (folder: string) => void): void {
  let aside: string | undefined;
  try {
    mkdirSync(outputFolder, { recursive: true });
    aside = mkdtempSync(join(outputFolder, ".partial-"));
    write(aside);
    moveFiles(aside, outputFolder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new NixherdError("SYNTH_NOT_WRITTEN", {
      message: `The synthesised configuration could not be written to ${outputFolder}: ${error.message}.`,
      hint: "Free space or mend the rights there and run again; what was there before is unchanged.",
      cause: error,
    });
  } finally {
    if (aside !== undefined) rmSync(aside, { recursive: true, force: true });
  }
}

/** Renames file by file: a stack's folder also holds what Terraform keeps there (.terraform). */
function moveFiles(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (statSync(source).isDirectory()) {
      mkdirSync(target, { recursive: true });
      moveFiles(source, target);
    } else {
      renameSync(source, target);
    }
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
