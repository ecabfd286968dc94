interface ErrorCodeEntry {
  readonly exitCode: number;
  readonly meaning: string;
}

/** Every code a NixherdError can carry. docs/errors.md lists the same table; a test compares them. */
export const errorCodes = {
  INVALID_INPUT: { exitCode: 2, meaning: "Specs or the site file have problems; all of them were printed." },
  USAGE: { exitCode: 1, meaning: "The command line asks for something that does not exist." },
  NEEDS_CONFIRMATION: { exitCode: 1, meaning: "The command would change machines and nobody confirmed it." },
  NO_PROJECT: { exitCode: 1, meaning: "No cdktf.json was found in this folder or above it." },
  SYNTH_FAILED: {
    exitCode: 1,
    meaning: "The app in cdktf.json failed while it wrote the Terraform configuration.",
  },
  TERRAFORM_MISSING: { exitCode: 1, meaning: "Neither OpenTofu nor Terraform was found." },
  TERRAFORM_NAMED_MISSING: {
    exitCode: 1,
    meaning: "TERRAFORM_BINARY_NAME names a program that does not exist.",
  },
  TERRAFORM_TOO_OLD: {
    exitCode: 1,
    meaning: "The OpenTofu or Terraform that was found is older than this project needs.",
  },
  TERRAFORM_FAILED: {
    exitCode: 1,
    meaning: "OpenTofu or Terraform failed for a reason that has no code of its own; its words are shown.",
  },
  INIT_NEEDED: { exitCode: 1, meaning: "The stack's folder is not initialised for its configuration." },
  STATE_LOCKED: { exitCode: 1, meaning: "Another run holds the lock of the stack's state." },
  PLAN_STALE: {
    exitCode: 1,
    meaning: "The state changed between plan and apply, so the plan was not applied.",
  },
  PLAN_HELD: {
    exitCode: 4,
    meaning: "The policy has objections to a plan; it was not applied and waits for somebody's approval.",
  },
  SPEC_MOVED: {
    exitCode: 1,
    meaning: "A spec moved to another stack and the state did not, so its machine would be destroyed.",
  },
  STATE_CHANGED: {
    exitCode: 1,
    meaning: "Another run wrote a state while a machine was being moved between stacks.",
  },
  MACHINE_HIDDEN: {
    exitCode: 1,
    meaning: "The state knows a machine that exists and that the API token may not see.",
  },
  NOT_ADOPTABLE: { exitCode: 1, meaning: "A machine of the cluster cannot be taken into a state." },
  NOT_REMOVABLE: {
    exitCode: 1,
    meaning: "A machine of the cluster is none that may be removed without its state.",
  },
  POLICY_CHECK_FAILED: { exitCode: 1, meaning: "A check of the policy failed instead of judging the plan." },
  BACKEND_CHANGED: {
    exitCode: 1,
    meaning: "The stack's backend is not the one that its state was kept in so far.",
  },
  BACKEND_FAILED: { exitCode: 1, meaning: "The backend that keeps the state could not be read or written." },
  PROVIDER_MISSING: { exitCode: 1, meaning: "The Proxmox provider could not be downloaded or reached." },
  WRONG_TOKEN: { exitCode: 1, meaning: "Proxmox VE refused the API token, or there is none." },
  NO_PERMISSION: { exitCode: 1, meaning: "The API token may not do what was asked." },
  ENDPOINT_INVALID: { exitCode: 1, meaning: "The endpoint of Proxmox VE is not an https address." },
  CLUSTER_UNREACHABLE: { exitCode: 1, meaning: "Proxmox VE did not answer at its endpoint." },
  TLS_NOT_TRUSTED: {
    exitCode: 1,
    meaning: "The certificate of Proxmox VE is not trusted, or is for another name.",
  },
  TEMPLATE_MISSING: { exitCode: 1, meaning: "The golden template was not found on the cluster." },
  VMID_TAKEN: { exitCode: 1, meaning: "A machine or container that this stack does not know has the VMID." },
  DATASTORE_MISSING: { exitCode: 1, meaning: "A datastore does not exist on the node or takes no disks." },
  BRIDGE_MISSING: { exitCode: 1, meaning: "A network bridge does not exist on the node." },
  POOL_MISSING: { exitCode: 1, meaning: "A resource pool does not exist." },
  NODE_DOWN: { exitCode: 1, meaning: "A node does not exist, is down or does not answer." },
  VM_LOCKED: { exitCode: 1, meaning: "Another task (a backup, a migration, a clone) holds the machine." },
  LOCK_TIMEOUT: {
    exitCode: 1,
    meaning: "A lock of Proxmox VE, on a machine or a storage, could not be had in time.",
  },
  CONNECTION_LOST: {
    exitCode: 1,
    meaning: "A connection to Proxmox VE, or between its nodes, broke; what it was for may be done or not.",
  },
  PROVIDER_CRASHED: { exitCode: 1, meaning: "The provider's process ended in the middle of its work." },
  VM_PROTECTED: { exitCode: 1, meaning: "The machine is protected from removal." },
  HOOK_FAILED: { exitCode: 1, meaning: "The NixOS step or a postApply hook of a machine failed." },
  HOOK_NOT_EXECUTABLE: { exitCode: 1, meaning: "A hook script is missing or not executable." },
  HOOK_CONTRACT: { exitCode: 1, meaning: "A hook was given an environment that it cannot work with." },
  BUILD_FAILED: { exitCode: 1, meaning: "A machine's system could not be built; the machine is as it was." },
  COPY_FAILED: { exitCode: 1, meaning: "A system could not be copied to its machine, which is as it was." },
  ACTIVATION_FAILED: {
    exitCode: 1,
    meaning: "A machine's new system could not be activated; the old one runs.",
  },
  ACTIVATION_REFUSED: {
    exitCode: 1,
    meaning: "The hook refused to activate a system on a machine; nothing was changed.",
  },
  REBOOT_NEEDED: { exitCode: 1, meaning: "A machine's new system becomes active with the next boot only." },
  SYSTEM_UNEXPECTED: { exitCode: 1, meaning: "A machine runs or boots another system than it should." },
  SSH_REFUSED: { exitCode: 1, meaning: "A machine could not be reached over SSH before the deadline." },
  HOST_KEY_CHANGED: {
    exitCode: 1,
    meaning: "A machine shows another SSH host key than the one that is pinned.",
  },
  HOST_KEY_UNKNOWN: {
    exitCode: 1,
    meaning: "A machine's SSH host key is not pinned here and could not be read through its agent.",
  },
  GUEST_COMMAND_FAILED: {
    exitCode: 1,
    meaning: "A command on a machine ended with another exit code than 0.",
  },
  MACHINE_UNHEALTHY: {
    exitCode: 1,
    meaning: "A health check of a machine failed, or units on it have failed.",
  },
  MACHINE_NOT_BACK: { exitCode: 1, meaning: "A machine did not come back from its restart as it should." },
  MACHINE_BUSY: { exitCode: 1, meaning: "Another activation is running or undecided on the machine." },
  GENERATION_MISSING: {
    exitCode: 1,
    meaning: "A machine does not have the generation that it should return to.",
  },
  FLAKE_NOT_UPDATED: {
    exitCode: 1,
    meaning: "The inputs of a flake could not be updated; its flake.lock is unchanged.",
  },
  SYSTEM_NOT_EVALUATED: { exitCode: 1, meaning: "The NixOS configuration of a machine cannot be evaluated." },
  SYSTEM_NOT_BUILT: { exitCode: 1, meaning: "The system of a machine could not be built here." },
  NIX_MISSING: { exitCode: 1, meaning: "The command needs nix, and there is none here." },
  PROXMOX_API_FAILED: { exitCode: 1, meaning: "Proxmox VE answered a request with an error." },
  SPEC_EXISTS: { exitCode: 1, meaning: "The spec that should be written exists already." },
  NO_FREE_VMID: { exitCode: 1, meaning: "No VMID of the stack's range is free." },
  NO_FREE_ADDRESS: { exitCode: 1, meaning: "No address of the stack's pools is free." },
  COMMAND_NOT_STARTED: { exitCode: 1, meaning: "A program that the command needs could not be started." },
  COMMAND_TIMED_OUT: { exitCode: 1, meaning: "A program did not end before its deadline and was stopped." },
  OUTPUT_TOO_LARGE: { exitCode: 1, meaning: "A program printed more than can be kept." },
  DISK_FULL: { exitCode: 1, meaning: "A file could not be written because the disk is full." },
  INTERRUPTED: {
    exitCode: 130,
    meaning: "Ctrl-C or a termination signal ended the command; what was done is in the state.",
  },
  INTERNAL: { exitCode: 1, meaning: "A fault of nixherd itself." },
  SYNTH_NOT_WRITTEN: {
    exitCode: 1,
    meaning: "The synthesised configuration could not be written; the last one is unchanged.",
  },
  EMBEDDED_FAILED: { exitCode: 1, meaning: "The embedded cluster, or a part of it, did not start." },
  EMBEDDED_NOT_LOOPBACK: { exitCode: 1, meaning: "The embedded cluster listens on this machine only." },
  EMBEDDED_NOT_RUNNING: { exitCode: 1, meaning: "No embedded cluster is running for this repository." },
  EMBEDDED_FAULTS_INVALID: {
    exitCode: 1,
    meaning: "The faults that the embedded cluster was asked for are not understood; nothing was changed.",
  },
  EMBEDDED_RUNNING: {
    exitCode: 1,
    meaning: "An embedded cluster runs already for this repository, or is just being started.",
  },
  EMBEDDED_PORT_TAKEN: {
    exitCode: 1,
    meaning: "The port that the embedded cluster should listen on is taken.",
  },
  EMBEDDED_STATE_UNREADABLE: {
    exitCode: 1,
    meaning: "The kept state of the embedded cluster is damaged, or of another version of nixherd.",
  },
  WATCHER_RUNNING: { exitCode: 1, meaning: "Another watcher runs for this repository." },
  FILE_FAILED: { exitCode: 1, meaning: "A file or folder could not be read or written." },
  TASK_FAILED: { exitCode: 1, meaning: "A task of Proxmox VE ended with an error, or did not end in time." },
  TEMPLATE_NOT_VERIFIED: { exitCode: 1, meaning: "A template did not pass its verification." },
  TEMPLATE_LEFTOVER: { exitCode: 1, meaning: "A build that failed left a machine behind." },
  PACKER_MISSING: { exitCode: 1, meaning: "Packer was not found, or is older than this project needs." },
  PACKER_FAILED: { exitCode: 1, meaning: "Packer ended with an error; its words are shown." },
  CHECKSUM_WRONG: { exitCode: 1, meaning: "A file has another checksum than the one that was given." },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof errorCodes;
