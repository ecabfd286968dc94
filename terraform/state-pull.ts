import { deadlines } from "./deadlines.ts";
import { addressOfPart, machineOfAddress } from "./machine-address.ts";
import { parseJsonOutput } from "./parse-json-output.ts";
import { runTerraform, type TerraformFolder } from "./run-terraform.ts";

/** A stack's state as its backend has it. */
export interface PulledState {
  /** The file's text; "" where the stack has no state yet. */
  readonly text: string;
  /** Addresses of its managed resources. */
  readonly addresses: ReadonlySet<string>;
}

interface StateFile {
  readonly resources?: readonly {
    readonly mode?: string;
    readonly module?: string;
    readonly type?: string;
    readonly name?: string;
  }[];
}

/** A state of 1,000 machines has about 10 million characters. */
const mostStateChars = 400_000_000;

/** The arguments of `state pull`. */
export function statePullArguments(): string[] {
  return ["state", "pull"];
}

/**
 * Reads the state of an initialised stack, whatever its backend; takes no lock.
 * @throws INIT_NEEDED, BACKEND_FAILED, TERRAFORM_FAILED, INTERRUPTED
 */
export async function pullState(folder: TerraformFolder): Promise<PulledState> {
  const run = { args: statePullArguments(), ...deadlines.read, maxOutputChars: mostStateChars };
  const { stdout: text } = await runTerraform(folder, run);
  if (text.trim() === "") return { text: "", addresses: new Set() };
  const { resources = [] } = parseJsonOutput<StateFile>(text, folder, "state pull");
  const addresses = resources.flatMap(({ mode, module, type, name }) =>
    mode === "managed" && module === undefined ? [`${type}.${name}`] : [],
  );
  return { text, addresses: new Set(addresses) };
}

/** The addresses of a machine's resources in a state, the machine itself last. */
export function machineIn({ addresses }: PulledState, vmId: number): string[] {
  const machine = addressOfPart(vmId, "machine");
  const own = [...addresses].filter((address) => machineOfAddress(address)?.vmId === vmId);
  return [...own.filter((address) => address !== machine), ...own.filter((address) => address === machine)];
}
