import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import type { ClusterChanges } from "../proxmox/cluster-changes.ts";
import { listVms } from "../proxmox/list-vms.ts";
import { removeMachine } from "./remove-machine.ts";

/** What a build was going to make. */
interface Attempt {
  readonly vmId: number;
  readonly name: string;
}

/** A machine that a build left behind. */
export interface Leftover extends Attempt {
  readonly node: string;
}

/** Notes what is about to be made, so that it is known even if this process is killed. */
export async function noteAttempt(root: string, attempt: Attempt): Promise<void> {
  const file = fileIn(root);
  await mkdir(dirname(file), { recursive: true });
  const all = [...(await readAttempts(root)), attempt];
  await writeFile(file, `${JSON.stringify(all, undefined, 2)}\n`);
}

/** Forgets the attempts: what they made is a template, or gone. */
export async function forgetAttempts(root: string): Promise<void> {
  await rm(fileIn(root), { force: true });
}

/**
 * The machines that attempts of this repository left: VMID and name are ours, and it is no template. Its description says
 * nothing: a clone that was never changed still has its base's (recorded with Packer's plugin proxmox 1.2.4).
 */
export async function findLeftovers(root: string, changes: ClusterChanges): Promise<Leftover[]> {
  const attempts = await readAttempts(root);
  if (attempts.length === 0) return [];
  const machines = (await listVms(changes)).filter(({ kind, isTemplate }) => kind === "qemu" && !isTemplate);
  return machines.flatMap(({ vmId, name, node }) =>
    attempts.some((attempt) => attempt.vmId === vmId && attempt.name === name) ? [{ vmId, name, node }] : [],
  );
}

/**
 * Removes what earlier builds left, if that was asked for, or refuses to go on beside it.
 * @throws TEMPLATE_LEFTOVER
 */
export async function clearLeftovers(
  root: string,
  changes: ClusterChanges,
  { isAsked, say }: { readonly isAsked: boolean; readonly say: (text: string) => void },
): Promise<void> {
  const leftovers = await findLeftovers(root, changes);
  const names = leftovers.map(({ vmId, name, node }) => `${name} (${vmId}) on node ${node}`);
  if (leftovers.length > 0 && !isAsked) {
    throw new NixherdError("TEMPLATE_LEFTOVER", {
      message: `A build that failed left behind: ${names.join(", ")}.`,
      hint: "Look at it, then build again with --remove-leftovers.",
    });
  }
  for (const [index, leftover] of leftovers.entries()) {
    await removeMachine(changes, leftover);
    say(`removed what a build left behind: ${names[index]}`);
  }
  await forgetAttempts(root);
}

function fileIn(root: string): string {
  return join(root, ".nixherd/template-builds.json");
}

async function readAttempts(root: string): Promise<Attempt[]> {
  try {
    return JSON.parse(await readFile(fileIn(root), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
