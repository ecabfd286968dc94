import type { NixosSpec, VmSpec } from "./vm-spec.ts";

/** A machine as the hook is told of it. */
export interface HookMachine {
  readonly spec: VmSpec;
  /** Name of its stack, for records and messages. */
  readonly stack: string;
  /** The Proxmox node that it is on; may be a Terraform expression. */
  readonly node: string;
  /** Its address without prefix; may be a Terraform expression. "" has the hook ask the guest agent. */
  readonly address: string;
  /** Endpoint of the API when the environment names none. */
  readonly endpoint?: string | undefined;
  /** Store path of its system where that was built here already. */
  readonly system?: string | undefined;
}

/** The environment that a machine's spec gives to scripts/hooks/post-apply.sh, which documents each variable. Holds no secret. */
export function hookEnvironment({
  spec,
  stack,
  node,
  address,
  endpoint,
  system,
}: HookMachine): Record<string, string> {
  return {
    NIXHERD_STACK: stack,
    NIXHERD_VM_ID: String(spec.vmId),
    NIXHERD_VM_NAME: spec.name,
    NIXHERD_NODE: node,
    NIXHERD_ADDRESS: address,
    NIXHERD_SSH_USER: spec.access.user,
    NIXHERD_AGENT: String(spec.agent.enabled),
    NIXHERD_POST_APPLY: JSON.stringify(spec.hooks.postApply),
    ...(endpoint === undefined ? {} : { NIXHERD_PROXMOX_ENDPOINT: endpoint }),
    ...(system === undefined ? {} : { NIXHERD_SYSTEM: system }),
    ...(spec.nixos === false ? { NIXHERD_NIXOS: "false" } : nixosEnvironment(spec.nixos)),
  };
}

function nixosEnvironment(nixos: NixosSpec): Record<string, string> {
  return {
    NIXHERD_NIXOS: "true",
    NIXHERD_FLAKE: nixos.flake,
    NIXHERD_ATTRIBUTE: nixos.attribute,
    NIXHERD_BUILD_ON: nixos.buildOn,
    NIXHERD_ACTION: nixos.action,
    NIXHERD_ACTIVATION: nixos.activation,
    NIXHERD_CONFIRM_SECONDS: String(nixos.confirmSeconds),
    NIXHERD_DEGRADED: nixos.degraded,
    NIXHERD_RESET_WHEN_LOST: String(nixos.resetWhenLost),
    NIXHERD_REBOOT: nixos.reboot,
    NIXHERD_DEADLINE_SECONDS: String(nixos.deadlineSeconds),
    NIXHERD_HEALTH: JSON.stringify(nixos.health),
  };
}
