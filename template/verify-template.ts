import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NixherdError } from "../lib/errors.ts";
import type { ClusterChanges } from "../proxmox/cluster-changes.ts";
import { nextFreeVmId } from "../proxmox/next-free-vmid.ts";
import type { ClusterTemplate } from "./cluster-template.ts";
import { makeKey } from "./make-key.ts";
import { removeMachine } from "./remove-machine.ts";
import type { TemplateMarker } from "./template-marker.ts";
import { examineClone } from "./verify/examine-clone.ts";
import { type Check, type CloneFacts, judgeMachines } from "./verify/judge-machines.ts";
import { cloneThrowAway, startThrowAway, type ThrowAway } from "./verify/throw-away.ts";

export interface VerifyOptions {
  /** VMIDs that the clones must not take, beside those that are taken on the cluster. */
  readonly reserved: ReadonlySet<number>;
  /** Copies the disk instead of linking it. */
  readonly isFull: boolean;
  /** Ssh configuration in place of the user's own. */
  readonly sshConfig: string | undefined;
  /** How long the clones may take until everything has happened. */
  readonly timeoutMs: number;
  readonly interrupt: AbortSignal;
  readonly say: (text: string) => void;
}

export interface Verification {
  readonly checks: readonly Check[];
  /** What the template carries inside; undefined when it carries nothing. */
  readonly marker: TemplateMarker | undefined;
}

/** Two, since only two can show that nothing is shared. */
const cloneCount = 2;
const highestVmId = 999_999_999;

/**
 * Clones a template twice, boots the clones, looks at them from outside and inside, and removes them, whatever happens.
 * @throws INTERRUPTED, NO_FREE_VMID, and what the cluster refuses
 */
export async function verifyTemplate(
  changes: ClusterChanges,
  template: ClusterTemplate,
  options: VerifyOptions,
): Promise<Verification> {
  const folder = await mkdtemp(join(tmpdir(), "nixherd-verify-"));
  const clones: ThrowAway[] = [];
  try {
    const { file: keyFile, publicKey } = await makeKey(folder, "nixherd-verify");
    await makeClones(changes, template, { ...options, publicKey, clones });
    const facts = await bootAll(changes, template, clones, { ...options, folder, keyFile, publicKey });
    if (options.interrupt.aborted) throw interrupted();
    return { checks: judgeMachines(facts, template.name), marker: facts[0]?.marker };
  } finally {
    await destroyAll(changes, clones, options.say);
    await rm(folder, { recursive: true, force: true });
  }
}

interface MakeOptions extends VerifyOptions {
  readonly publicKey: string;
  /** Receives each clone as soon as it is there, so that it is removed in every ending. */
  readonly clones: ThrowAway[];
}

/** One after the other: the server locks the template while it is cloned. */
async function makeClones(
  changes: ClusterChanges,
  template: ClusterTemplate,
  options: MakeOptions,
): Promise<void> {
  const { clones, interrupt, reserved, say } = options;
  for (let count = 0; count < cloneCount; count += 1) {
    if (interrupt.aborted) throw interrupted();
    const range = { from: template.vmId + 1, to: highestVmId };
    const vmId = await nextFreeVmId(range, reserved, changes);
    if (vmId === undefined) throw noFreeVmId();
    say(`cloning ${template.name} (${template.vmId}) to the throw-away machine ${vmId}`);
    clones.push(await cloneThrowAway(changes, { ...options, template, vmId }));
  }
}

interface BootOptions extends VerifyOptions {
  readonly folder: string;
  readonly keyFile: string;
  readonly publicKey: string;
}

/** When one clone fails the other is not waited for. */
async function bootAll(
  changes: ClusterChanges,
  template: ClusterTemplate,
  clones: readonly ThrowAway[],
  options: BootOptions,
): Promise<CloneFacts[]> {
  const failed = new AbortController();
  const interrupt = AbortSignal.any([options.interrupt, failed.signal]);
  const results = await Promise.allSettled(
    clones.map((clone) =>
      bootAndExamine(changes, template, clone, { ...options, interrupt }).catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    ),
  );
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

async function bootAndExamine(
  changes: ClusterChanges,
  template: ClusterTemplate,
  clone: ThrowAway,
  options: BootOptions,
): Promise<CloneFacts> {
  await startThrowAway(changes, clone, { template, publicKey: options.publicKey });
  options.say(`started ${clone.vmId}`);
  return examineClone(changes, clone, {
    ...options,
    deadlineMs: performance.now() + options.timeoutMs,
    templateDiskBytes: (template.rootDisk?.sizeGiB ?? 0) * 1024 ** 3,
  });
}

/** Removes every clone, also when one of them resists. */
async function destroyAll(
  changes: ClusterChanges,
  clones: readonly ThrowAway[],
  say: (text: string) => void,
): Promise<void> {
  const results = await Promise.allSettled(clones.map((clone) => removeMachine(changes, clone)));
  const kept = results.flatMap((result, index) =>
    result.status === "rejected" ? [clones[index]?.vmId] : [],
  );
  if (kept.length > 0) say(`could not be removed, please do so: the throw-away machines ${kept.join(", ")}`);
  const failure = results.find((result) => result.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}

function interrupted(): NixherdError {
  return new NixherdError("INTERRUPTED", {
    message: "The verification was interrupted; its throw-away machines are removed.",
    hint: "Run nixherd template verify again.",
  });
}

function noFreeVmId(): NixherdError {
  return new NixherdError("NO_FREE_VMID", {
    message: "There is no free VMID above the template's for the throw-away machines.",
    hint: "Use a template with a smaller VMID.",
  });
}
