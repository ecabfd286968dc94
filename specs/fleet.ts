import type { Problem } from "../lib/problem.ts";
import type { SiteSpec } from "./site-spec.ts";
import type { VmSpec } from "./vm-spec.ts";

/** One machine: a file of vm-specs/<stack>/, complete and checked. */
export interface Machine {
  readonly stack: string;
  /** The same as spec.name. */
  readonly name: string;
  /** Path of its file, relative to the root, with forward slashes. */
  readonly file: string;
  readonly spec: VmSpec;
}

/** One folder of vm-specs/: one Terraform state. */
export interface StackSpecs {
  readonly name: string;
  /** Sorted by vmId. */
  readonly machines: readonly Machine[];
}

/** Everything that vm-specs/ describes. */
export interface Fleet {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly site: SiteSpec;
  /** Sorted by name; a folder without machines is a stack without machines. */
  readonly stacks: readonly StackSpecs[];
}

/** What reading gives: the fleet, or every problem of every file. */
export type FleetResult =
  | { readonly ok: true; readonly fleet: Fleet; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };
