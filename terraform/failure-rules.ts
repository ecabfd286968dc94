import type { ErrorCode } from "../lib/error-codes.ts";
import type { TerraformBinary } from "./find-binary.ts";
import { lockInfoPattern } from "./lock-info.ts";

/** Where a failed command ran: its folder and program appear in advice. */
export interface FailureContext {
  readonly binary: Pick<TerraformBinary, "path">;
  /** Absolute path of the stack's folder. */
  readonly path: string;
  /** The sub-command: "init", "plan", ... */
  readonly command: string;
}

/** Fixed, or made from what the pattern found. */
export type Sentence = string | ((match: RegExpExecArray, context: FailureContext) => string);

/** How one kind of failure is recognised, and what is said about it. */
export interface FailureRule {
  readonly code: ErrorCode;
  /** Tried on "summary (address): detail" with every run of blanks and newlines made one blank. */
  readonly pattern: RegExp;
  readonly what: Sentence;
  readonly hint: Sentence;
  /** Sub-commands it is for. Defaults to all. */
  readonly commands?: readonly string[];
}

const backendHint =
  "Check the backend in vm-specs/_site.json and the credentials that it reads from the environment.";

/** The first rule that matches counts, so a rule stands before those that also match its texts. */
export const failureRules: readonly FailureRule[] = [
  {
    code: "STATE_LOCKED",
    pattern: lockInfoPattern,
    what: ([, , operation, who, since]) =>
      `The state is locked by ${who} (${operation?.toLowerCase()}) since ${since} UTC.`,
    hint: ([, id], { binary, path }) =>
      `Wait until that run has ended; if it is surely gone, run: ${binary.path} -chdir=${path} force-unlock ${id}`,
  },
  {
    code: "PLAN_STALE",
    pattern: /Saved plan is stale/,
    what: "The state changed after the plan was made, so nothing was applied.",
    hint: "Run the command again: it makes a new plan.",
  },
  {
    code: "STATE_CHANGED",
    pattern: /cannot (?:import|overwrite) .*?state with (?:serial|lineage)/,
    what: "Another run has written this stack's state meanwhile, so it was left as it is.",
    hint: "Wait until no other run works on the stack; then run the command again.",
    commands: ["state"],
  },
  {
    code: "INIT_NEEDED",
    pattern:
      /Backend initialization required|Inconsistent dependency lock file|Missing required provider|Required plugins are not installed|Module not installed/,
    what: ([words]) => `The stack's folder is not initialised for its configuration (${words}).`,
    hint: (_, { path }) => `Remove ${path}/.terraform and run the command again.`,
  },
  {
    code: "BACKEND_CHANGED",
    pattern: /Backend configuration changed|Backend type changed/,
    what: "The backend in vm-specs/_site.json is another one than the state of this stack was kept in so far.",
    hint: (_, { binary, path }) =>
      `Go back to the former backend, or move the state: ${binary.path} -chdir=${path} init -migrate-state`,
  },
  {
    code: "PROVIDER_MISSING",
    pattern: /reattachment process not found/i,
    what: "TF_REATTACH_PROVIDERS names a provider process that has ended.",
    hint: "Start it again (nixherd embedded up) and export what it prints, or unset the variable.",
  },
  {
    code: "PROVIDER_MISSING",
    pattern: /Failed to (?:query available|resolve) provider packages|Failed to install provider/,
    what: "The Proxmox provider could not be downloaded.",
    hint: "Check the way to the registry, or set up a provider mirror in the CLI configuration file.",
  },
  {
    code: "TEMPLATE_MISSING",
    pattern: /(Golden template [^:]+: .*?\.) ([A-Z].*)$/,
    what: ([, what = ""]) => what,
    hint: ([, , hint = ""]) => hint,
  },
  {
    code: "TEMPLATE_MISSING",
    pattern: /error cloning VM: .*?unable to find configuration file for VM (\d+) on node '([^']+)'/,
    what: ([, vmId, node]) => `The golden template with VMID ${vmId} does not exist on node ${node}.`,
    hint: "Build or import it, or correct templates in vm-specs/_site.json.",
  },
  {
    code: "VMID_TAKEN",
    pattern: /unable to create VM (\d+)(?::| - VM \d+) (?:config file )?already exists/,
    what: ([, vmId]) => `VMID ${vmId} is taken on the cluster by a machine that this stack does not know.`,
    hint: ([, vmId]) =>
      `Give the spec a free vmId (nixherd new picks one), or remove machine ${vmId} if nobody needs it.`,
  },
  {
    code: "WRONG_TOKEN",
    pattern: /HTTP 401 |API token must be in the format|Unable to create Proxmox VE API credentials/,
    what: "Proxmox VE refused the API token, or there is none.",
    hint: "Set PROXMOX_VE_API_TOKEN to user@realm!id=uuid of a token that exists and has not expired.",
  },
  {
    code: "POOL_MISSING",
    pattern: /pool '([^']+)' does not exist/,
    what: ([, pool]) => `The resource pool ${pool} does not exist.`,
    hint: "Create the pool, or correct pool in the spec.",
  },
  {
    code: "NO_PERMISSION",
    pattern: /HTTP 403 .*?Permission check failed(?: \(([^)]*)\))?/,
    what: ([, right]) => `The API token may not do this${right ? `; it lacks ${right}` : ""}.`,
    hint: "Give its user and the token the role that the README describes.",
  },
  {
    code: "TLS_NOT_TRUSTED",
    pattern: /tls: failed to verify certificate: (?:x509: )?([^.]*)/,
    what: ([, reason]) => `The certificate of Proxmox VE is not trusted: ${reason}.`,
    hint: "Name its CA in SSL_CERT_FILE (a PEM file) and use the host name that the certificate is for.",
  },
  {
    code: "ENDPOINT_INVALID",
    pattern: /you must specify a secure endpoint|Unable to create Proxmox VE API connection/,
    what: "The endpoint of Proxmox VE is missing or no https address.",
    hint: "Set PROXMOX_VE_ENDPOINT, or proxmox.endpoint in vm-specs/_site.json, to https://host:8006/.",
  },
  {
    code: "PROVIDER_CRASHED",
    pattern: /Plugin did not respond|\(\*GRPCProvider\)\.\w+: rpc error/,
    what: "The provider's process ended in the middle of its work.",
    hint: "Run the command again: it takes over what was made and not recorded.",
  },
  {
    code: "LOCK_TIMEOUT",
    // Not every "got timeout": guests that do not answer time out in the same words.
    pattern: /can't lock file '[^']*'|got lock (?:request )?timeout|HTTP 500 response - Reason: got timeout/,
    what: "A lock of Proxmox VE could not be had in time.",
    hint: "Look for tasks that hold the machine or its storage, then run the command again.",
  },
  {
    code: "CONNECTION_LOST",
    pattern: /HTTP (?:596|599|502|503|504) |connection reset by peer|: broken pipe|unexpected EOF|": EOF/,
    what: "A connection to Proxmox VE, or between its nodes, broke.",
    hint: "Run the command again: it sees what is done already.",
  },
  {
    code: "CLUSTER_UNREACHABLE",
    pattern: /failed to perform HTTP \w+ request .*?Reason: \w+ "https:\/\/([^/"]+)[^"]*": (.*?)(?= \(|$)/,
    what: ([, host, reason]) => `Proxmox VE at ${host} does not answer: ${reason}.`,
    hint: "Check PROXMOX_VE_ENDPOINT and that the API's port can be reached from here.",
  },
  {
    code: "DATASTORE_MISSING",
    pattern:
      /storage '([^']+)' (does not exist|does not support vm images|is not available on node '[^']+'|is disabled)/,
    what: ([, datastore, reason]) => `Datastore ${datastore} ${reason}.`,
    hint: "Correct datastore in the spec, or give the machine's node a storage of that name for disk images.",
  },
  {
    code: "BRIDGE_MISSING",
    pattern: /bridge '([^']+)' does not exist|interface (\S+) does not exist/,
    what: ([, bridge, device]) => `Bridge ${bridge ?? device} does not exist on the machine's node.`,
    hint: "Create it on the node, or correct bridge in the spec's networks.",
  },
  {
    code: "NODE_DOWN",
    pattern: /hostname lookup '([^']+)' failed|no such cluster node '([^']+)'|HTTP 595 /,
    what: ([, unknown, noMember]) =>
      `${(unknown ?? noMember) ? `Node ${unknown ?? noMember}` : "A node of the cluster"} is down or does not exist.`,
    hint: "Check the cluster (pvecm status) and node in the spec; machines on a node that is down stay as they are.",
  },
  {
    code: "VM_LOCKED",
    pattern: /VM is locked \((\w+)\)/,
    what: ([, task]) => `The machine is locked by another task (${task}).`,
    hint: "Wait until the task in the task log of Proxmox VE has ended; then run the command again.",
  },
  {
    code: "VM_PROTECTED",
    pattern: /can't remove VM (\d+) - protection mode enabled|Instance cannot be destroyed/,
    what: ([, vmId]) =>
      vmId ? `Machine ${vmId} is protected from removal.` : "The plan destroys what preventDestroy protects.",
    hint: "Take protection or preventDestroy out of the spec's lifecycle, and apply that first.",
  },
  {
    code: "DISK_FULL",
    pattern: /no space left on device/,
    what: "A file could not be written because the disk is full.",
    hint: "Make room, and look for errored.tfstate in the stack's folder before you run the command again.",
  },
  {
    code: "BACKEND_FAILED",
    pattern:
      /Error acquiring the state lock|Error (?:loading|refreshing|saving|releasing|inspecting|locking) .*?state|Failed to (?:save|persist|load|read|get) (?:existing )?(?:state|workspaces)|Unsupported backend type/,
    what: "The backend that keeps the state could not be read or written.",
    hint: backendHint,
  },
  {
    code: "BACKEND_FAILED",
    pattern: /dial tcp|connection refused|no such host|authentication failed|AccessDenied|credential/i,
    commands: ["init", "output", "state"],
    what: "The backend that keeps the state does not let itself be used.",
    hint: backendHint,
  },
];
