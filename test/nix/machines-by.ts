import { join } from "node:path";
import { readFleet } from "../../specs/read-fleet.ts";
import { evaluateNix } from "./evaluate-nix.ts";

const repository = join(import.meta.dirname, "../..");

/** What the specs of a repository say about the machines that get a NixOS, as TypeScript reads them. */
export function machinesByTypeScript(root: string): object {
  const result = readFleet(root);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const machines = result.fleet.stacks.flatMap((stack) => stack.machines);
  return Object.fromEntries(
    machines.flatMap(({ stack, name, spec }) => {
      if (spec.nixos === false) return [];
      const { attribute, modules, settings } = spec.nixos;
      const firmware = spec.boot.firmware;
      return [
        [
          attribute,
          { stack, name, modules, settings, firmware, user: spec.access.user, keys: spec.access.sshKeys },
        ],
      ];
    }),
  );
}

/** The same as nix/machines.nix reads them, for many repositories in one evaluation. */
export function machinesByNix(roots: readonly string[]): unknown[] {
  return evaluateNix(`
    let
      describe = root: let
        relative = path: builtins.substring (builtins.stringLength (toString root) + 1) (-1) (toString path);
      in builtins.mapAttrs (_: machine: {
        inherit (machine) stack name settings user keys;
        modules = map relative machine.modules;
        firmware = (import ${repository}/nix/modules/from-spec.nix { inherit machine; } { lib = import ${import.meta.dirname}/stub-lib.nix; }).nixherd.guest.firmware;
      }) (import ${repository}/nix/machines.nix { inherit root; });
    in map describe [ ${roots.join(" ")} ]`) as unknown[];
}
