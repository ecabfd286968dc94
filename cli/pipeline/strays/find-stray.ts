import type { ErrorCode } from "../../../lib/error-codes.ts";
import { NixherdError } from "../../../lib/errors.ts";
import type { ProxmoxClient } from "../../../proxmox/client.ts";
import { type ClusterVm, listVms } from "../../../proxmox/list-vms.ts";
import { machineIn } from "../../../terraform/state-pull.ts";
import type { PipelineContext } from "../context.ts";
import type { PreparedStack } from "../plan-stack.ts";
import { readStates } from "../stack-states.ts";

/** A machine on the cluster that no state of this repository knows. */
export interface Stray extends ClusterVm {
  /** Its configuration as Proxmox VE has it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** It has the tag or the description that machines of nixherd have. */
  readonly isOurs: boolean;
}

/** The tag that every machine of this program carries. */
export const ownTag = "nixherd";

/** How the description begins that a machine gets with its clone, before it has its tags. */
const ownDescription = "Made by nixherd from ";

interface StrayRequest {
  readonly vmId: number;
  readonly client: ProxmoxClient;
  /** Every stack of the repository. */
  readonly stacks: readonly PreparedStack[];
  /** Of the refusals. */
  readonly code: Extract<ErrorCode, "NOT_ADOPTABLE" | "NOT_REMOVABLE">;
}

/**
 * A machine of the cluster, if it is one, no template, and in no state.
 * @throws NOT_ADOPTABLE or NOT_REMOVABLE, and what asking the cluster and reading the states throws
 */
export async function findStray(request: StrayRequest, context: PipelineContext): Promise<Stray> {
  const { vmId, client, stacks, code } = request;
  const vm = (await listVms(client)).find((each) => each.vmId === vmId);
  if (vm === undefined) {
    throw refusal(
      code,
      `The cluster shows no machine with VMID ${vmId}.`,
      "Check the number, the endpoint and the token's rights.",
    );
  }
  const name = `${vm.name || "without a name"} (${vmId}) on ${vm.node}`;
  if (vm.kind === "lxc") throw refusal(code, `${name} is a container.`, "nixherd works on machines only.");
  if (vm.isTemplate) {
    throw refusal(code, `${name} is a template.`, "Templates are looked after by nixherd template.");
  }
  const owner = (await readStates(stacks, context)).find(({ state }) => machineIn(state, vmId).length > 0);
  if (owner !== undefined) {
    const hint = `It is changed and ended by its spec, and by nixherd destroy; nixherd move ${vmId} takes it to the stack of its spec.`;
    throw refusal(code, `${name} is no stray: the state of stack ${owner.stack.name} knows it.`, hint);
  }
  const path = `nodes/${encodeURIComponent(vm.node)}/qemu/${vmId}/config`;
  const config = (await client.get(path)) as Readonly<Record<string, unknown>>;
  const isOurs = vm.tags.includes(ownTag) || String(config["description"] ?? "").startsWith(ownDescription);
  return { ...vm, config, isOurs };
}

/** An error that says why a stray is left alone. */
export function refusal(code: StrayRequest["code"], message: string, hint: string): NixherdError {
  return new NixherdError(code, { message, hint });
}
