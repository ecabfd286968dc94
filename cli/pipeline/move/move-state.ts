import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { partition } from "../../../lib/partition.ts";
import { localStateFile } from "../../../terraform/local-state-file.ts";
import type { TerraformFolder } from "../../../terraform/run-terraform.ts";
import { moveResource } from "../../../terraform/state-mv.ts";
import { machineIn, pullState } from "../../../terraform/state-pull.ts";
import { pushState } from "../../../terraform/state-push.ts";
import { forgetResources } from "../../../terraform/state-rm.ts";
import type { StackState } from "../stack-states.ts";

interface StateTransfer {
  readonly vmId: number;
  /** The stack that gives the machine, and the one that gets it. */
  readonly from: StackState;
  readonly to: StackState;
  /** Absolute path of a folder for copies of both states as they were; made here. */
  readonly backupFolder: string;
}

/**
 * Moves what a state has of a machine into another state. The one that gets it is always written first, so whenever
 * this is cut off the machine is in one state or in both, never in none; done again, it ends what was begun.
 * @throws STATE_LOCKED, STATE_CHANGED, BACKEND_FAILED, TERRAFORM_FAILED, INTERRUPTED
 */
export async function moveState(transfer: StateTransfer): Promise<void> {
  const { vmId, from, to, backupFolder } = transfer;
  await keepCopies(transfer);
  const there = new Set(machineIn(to.state, vmId));
  const [twice, left] = partition(machineIn(from.state, vmId), (address) => there.has(address));
  const workshop = { ...from.stack.folder, path: backupFolder };
  const [fromFile, toFile] = [localStateFile(from.stack), localStateFile(to.stack)];
  for (const address of left) {
    if (fromFile !== undefined && toFile !== undefined)
      await moveResource(workshop, { from: fromFile, to: toFile, address, backupFolder });
    else await moveThroughCopies(transfer, workshop, address);
  }
  if (twice.length > 0) await forgetResources(from.stack.folder, twice);
}

/**
 * For any backend: copies are changed and written back, each under its own lock. Only one resource at a time: the
 * serial of a copy then is exactly one higher, so a backend refuses it if another run has written since.
 */
async function moveThroughCopies(
  { from, to, backupFolder }: StateTransfer,
  workshop: TerraformFolder,
  address: string,
): Promise<void> {
  const copyOf = (stack: string): string => join(backupFolder, `${stack}-with-${address}.tfstate`);
  const [fromCopy, toCopy] = [copyOf("from"), copyOf("to")];
  await writeFile(fromCopy, (await pullState(from.stack.folder)).text, { mode: 0o600 });
  const { text } = await pullState(to.stack.folder);
  if (text !== "") await writeFile(toCopy, text, { mode: 0o600 });
  await moveResource(workshop, { from: fromCopy, to: toCopy, address, backupFolder });
  await pushState(to.stack.folder, toCopy);
  await pushState(from.stack.folder, fromCopy);
}

async function keepCopies({ from, to, backupFolder }: StateTransfer): Promise<void> {
  await mkdir(backupFolder, { recursive: true, mode: 0o700 });
  for (const { stack, state } of [from, to]) {
    const file = join(backupFolder, `${stack.name}.tfstate`);
    if (!existsSync(file)) await writeFile(file, state.text, { mode: 0o600 });
  }
}
