import { setTimeout as sleep } from "node:timers/promises";
import { NixherdError } from "../../lib/errors.ts";
import type { ProxmoxClient } from "../../proxmox/client.ts";
import { type ClusterVm, listVms } from "../../proxmox/list-vms.ts";
import { isVmIdFree } from "../../proxmox/next-free-vmid.ts";
import { type BegunMachine, readBegun, writeBegun } from "../../reconcile/begun-machines.ts";
import type { SiteSpec } from "../../specs/site-spec.ts";
import { importResource } from "../../terraform/import.ts";
import { machineType } from "../../terraform/machine-address.ts";
import { taint } from "../../terraform/taint.ts";
import type { PipelineContext } from "./context.ts";
import { openCluster } from "./open-cluster.ts";
import type { PlannedStack } from "./plan-stack.ts";

/** The tag that every machine of this program gets, with everything else that its spec configures. */
const ownTag = "nixherd";

/** A clone goes on in the cluster when whoever asked for it is gone; it may take as long as the provider allows. */
const cloneTimeoutMs = 30 * 60_000;
const pollMs = 500;

/**
 * Takes machines into the state that an earlier run began to make and could not record, because it was killed or timed
 * out. One that was configured already is kept as it is; one that was only cloned is marked to be made anew. True when
 * the state has changed, so that the stack needs a new plan.
 * @throws VM_LOCKED when a clone does not end, and what `ProxmoxClient.get`, `importResource` and `taint` throw
 */
export async function recoverMachines(
  stack: PlannedStack,
  site: SiteSpec,
  context: PipelineContext,
): Promise<boolean> {
  const begun = await readBegun(context.root, stack.name);
  const wanted = stack.plan.machines.flatMap(({ vmId, action, reason }) => {
    const note = begun.get(vmId);
    return note === undefined ? [] : [{ note, action, isTainted: reason === "replace_because_tainted" }];
  });
  // A run that was killed after the first of its two steps.
  const halfTaken = wanted.filter(
    ({ note, action, isTainted }) => note.isBare && action === "update" && !isTainted,
  );
  for (const { note } of halfTaken) await taint(stack.folder, addressOf(note));
  const unrecorded = stack.plan.isDestroy
    ? [...begun.values()].filter(({ vmId }) => isUnknownPartOf(stack, vmId))
    : wanted.filter(({ action }) => action === "create").map(({ note }) => note);
  const taken = unrecorded.length === 0 ? 0 : await takeIn(unrecorded, stack, site, context);
  return halfTaken.length + taken > 0;
}

/** A destruction plans only what the state knows. */
function isUnknownPartOf({ plan, targets, configuration }: PlannedStack, vmId: number): boolean {
  const isMeant = targets.length === 0 || targets.includes(vmId);
  return (
    isMeant && configuration.machines.has(vmId) && !plan.machines.some((machine) => machine.vmId === vmId)
  );
}

async function takeIn(
  notes: readonly BegunMachine[],
  stack: PlannedStack,
  site: SiteSpec,
  context: PipelineContext,
): Promise<number> {
  const cluster = openCluster(site);
  // Without endpoint or token nobody can ask; the provider refuses a taken VMID by itself.
  if ("missing" in cluster) return 0;
  const { client } = cluster;
  let taken = 0;
  try {
    for (const note of notes) {
      const vm = await findOwn(client, note, context);
      if (vm === undefined) continue;
      await takeInOne(note, vm, stack, context);
      taken += 1;
    }
  } finally {
    await client.close();
  }
  return taken;
}

/** The machine of a note when it is on the cluster, is no longer being cloned and is the one that was begun. */
async function findOwn(
  client: ProxmoxClient,
  note: BegunMachine,
  { interrupt, report }: PipelineContext,
): Promise<ClusterVm | undefined> {
  const deadlineMs = performance.now() + cloneTimeoutMs;
  let isTold = false;
  while (!(await isVmIdFree(client, note.vmId))) {
    const vm = (await listVms(client)).find(({ vmId }) => vmId === note.vmId);
    if (vm?.lock !== "clone" && vm?.lock !== "create") {
      return vm !== undefined && (await isOwn(client, vm, note)) ? vm : undefined;
    }
    if (performance.now() > deadlineMs || interrupt.aborted) throw stillCloned(note, interrupt.aborted);
    const text = `${note.name} (${note.vmId}) is still being cloned for an earlier run; waiting for the end.`;
    if (!isTold) report({ event: "note", text });
    isTold = true;
    await sleep(pollMs);
  }
  return undefined;
}

async function isOwn(
  client: ProxmoxClient,
  vm: ClusterVm,
  { vmId, name, description }: BegunMachine,
): Promise<boolean> {
  if (vm.kind !== "qemu" || vm.isTemplate || vm.name !== name) return false;
  const config = await client.get(`nodes/${encodeURIComponent(vm.node)}/qemu/${vmId}/config`);
  const { description: text = "" } = config as { readonly description?: string };
  return text.trim() === description.trim();
}

async function takeInOne(
  note: BegunMachine,
  vm: ClusterVm,
  { name: stack, folder }: PlannedStack,
  { root, report }: PipelineContext,
): Promise<void> {
  const isBare = !vm.tags.includes(ownTag);
  if (isBare) {
    const others = [...(await readBegun(root, stack)).values()].filter(({ vmId }) => vmId !== note.vmId);
    await writeBegun(root, stack, [...others, { ...note, isBare }]);
  }
  await importResource(folder, { address: addressOf(note), id: `${vm.node}/${note.vmId}` });
  if (isBare) await taint(folder, addressOf(note));
  const what = isBare
    ? "had only cloned it, so it is made anew"
    : "had not recorded it, so it is taken over as it is";
  report({ event: "note", text: `${stack}: ${note.name} (${note.vmId}): an interrupted run ${what}.` });
}

function addressOf({ vmId }: BegunMachine): string {
  return `${machineType}.vm-${vmId}`;
}

function stillCloned({ name, vmId }: BegunMachine, isInterrupted: boolean): NixherdError {
  return new NixherdError(isInterrupted ? "INTERRUPTED" : "VM_LOCKED", {
    message: `${name} (${vmId}) is still locked by the clone that an earlier run asked for.`,
    hint: `Look at the clone's task in Proxmox VE; if it is gone for good: qm unlock ${vmId}, then run the command again.`,
  });
}
