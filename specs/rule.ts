import type { FixedAddress } from "./fixed-addresses.ts";
import type { Machine } from "./fleet.ts";
import type { KeyFile } from "./key-files.ts";
import type { Layer } from "./layers.ts";
import type { RepositoryFile } from "./repository-files.ts";
import type { SiteSpec } from "./site-spec.ts";
import type { FilledVmSpec } from "./vm-spec.ts";

/** A machine as rules see it. */
export interface CheckedMachine extends Machine {
  /** The spec with nothing resolved: what was written, and the built-in defaults. */
  readonly filled: FilledVmSpec;
  /** The spec's fixed addresses, read once for all rules. */
  readonly addresses: readonly FixedAddress[];
  /** The files that the spec was merged from. */
  readonly layers: readonly Layer[];
}

/** Everything that a rule may look at. */
export interface RuleInput {
  readonly machines: readonly CheckedMachine[];
  /** Names of all stacks, also of those without a readable machine. */
  readonly stacks: readonly string[];
  readonly site: SiteSpec;
  /** YYYY-MM-DD, in UTC. */
  readonly today: string;
  /** Path of the site file. */
  readonly siteFile: string;
  readonly findFile: (path: string) => RepositoryFile;
  readonly readKeyFile: (path: string) => KeyFile;
}

interface Said {
  readonly pointer: string;
  /** What is wrong (expected ..., got ...). */
  readonly message: string;
  /** "error" unless it is said otherwise. */
  readonly severity?: "warning";
}

/** What a rule found: in a machine's merged spec, or in a file. */
export type Finding = Said & ({ readonly machine: CheckedMachine } | { readonly file: string });

/** One invariant of a fleet. Rules run on machines whose files are readable and fit the schema. */
export interface Rule {
  /** The invariant, as its file is named; problems carry it. */
  readonly name: string;
  /** The rule means nothing when the site file has problems. */
  readonly needsSite?: true;
  readonly check: (input: RuleInput) => Iterable<Finding>;
}

type MachineCheck = (machine: CheckedMachine, input: RuleInput) => Iterable<Said>;

/** Makes a rule's check from one that looks at a single machine. */
export function eachMachine(check: MachineCheck): Rule["check"] {
  return function* (input) {
    for (const machine of input.machines) {
      for (const said of check(machine, input)) yield { ...said, machine };
    }
  };
}
