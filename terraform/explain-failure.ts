import type { ErrorCode } from "../lib/error-codes.ts";
import { type Diagnostic, formatDiagnostic } from "./diagnostic.ts";
import type { TerraformBinary } from "./find-binary.ts";

/** Where a failed command ran: its folder and program appear in advice. */
export interface FailureContext {
  readonly binary: Pick<TerraformBinary, "path">;
  /** Absolute path of the stack's folder. */
  readonly path: string;
  /** The sub-command: "init", "plan", ... */
  readonly command: string;
}

/** What is said about a diagnostic before its own words. */
export interface Explanation {
  readonly code: ErrorCode;
  /** One sentence of what happened. */
  readonly what: string;
  /** One sentence of what to do. */
  readonly hint: string;
  /** What is shown of Terraform's own words. Defaults to all of them. */
  readonly words?: string;
}

type Sentence = string | ((match: RegExpExecArray, context: FailureContext) => string);

interface Rule {
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
const rules: readonly Rule[] = [
  {
    code: "STATE_LOCKED",
    pattern:
      /Error acquiring the state lock.*?Lock Info: ID: (\S+).*? Operation: (?:OperationType)?(\S*) Who: (\S*).*?Created: (.{19})/,
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
    pattern: /hostname lookup '([^']+)' failed|no such cluster node '([^']+)'|HTTP 59[56] /,
    what: ([, unknown, noMember]) =>
      `${(unknown ?? noMember) ? `Node ${unknown ?? noMember}` : "A node of the cluster"} is down or does not exist.`,
    hint: "Check the cluster (pvecm status) and node in the spec; machines on a node that is down stay as they are.",
  },
  {
    code: "VM_LOCKED",
    pattern: /VM is locked \((\w+)\)|can't lock file '[^']*lock-\d+\.conf'/,
    what: ([, task]) => `The machine is locked by another task${task ? ` (${task})` : ""}.`,
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

/**
 * Recognises a failure by Terraform's words, the only place that does; undefined when no rule knows them.
 * Texts of OpenTofu 1.12.6, Terraform 1.11.4, bpg/proxmox 0.111.1, Proxmox VE 9.2 and scripts/hooks/post-apply.sh.
 */
export function explainFailure(diagnostic: Diagnostic, context: FailureContext): Explanation | undefined {
  if (diagnostic.summary === "local-exec provisioner error") return explainHook(diagnostic);
  const words = formatDiagnostic(diagnostic).replace(/\s+/g, " ");
  for (const { code, commands, pattern, what, hint } of rules) {
    const match = commands === undefined || commands.includes(context.command) ? pattern.exec(words) : null;
    if (match === null) continue;
    const say = (sentence: Sentence) => (typeof sentence === "string" ? sentence : sentence(match, context));
    return { code, what: say(what), hint: say(hint) };
  }
  return undefined;
}

/** Exit codes of scripts/hooks/post-apply.sh that have a code here; 126 and 127 are a shell's own, for the script itself. */
const codeOfHookExit: Readonly<Record<string, ErrorCode>> = {
  "10": "SSH_REFUSED",
  "11": "HOST_KEY_CHANGED",
  "126": "HOOK_NOT_EXECUTABLE",
  "127": "HOOK_NOT_EXECUTABLE",
};

/** The hook ends with a line "<name> (<vmId>): <what happened>. <what to do>."; what comes before is its output. */
function explainHook({ summary, detail, address }: Diagnostic): Explanation {
  const [, exitCode, output = ""] = /: (?:exit status (\d+)|signal: \w+)\. Output:(.*)$/s.exec(detail) ?? [];
  const lastLine = output.trim().split("\n").at(-1) ?? "";
  const [, happened, advice] = /^(\S+ \(\d+\): .+)\. ([A-Z].*?)\.?$/.exec(lastLine) ?? [];
  const isScriptMissing = / post-apply script \S+ (?:is not executable|does not exist)$/.test(happened ?? "");
  const ending = exitCode === undefined ? "it was ended by a signal" : `exit code ${exitCode}`;
  return {
    code: isScriptMissing ? "HOOK_NOT_EXECUTABLE" : (codeOfHookExit[exitCode ?? ""] ?? "HOOK_FAILED"),
    what: `${happened ?? `A machine's hook failed: ${ending}`}.`,
    hint: `${advice ?? hookAdvice(exitCode)}.`,
    ...(happened === undefined
      ? {}
      : { words: [`${summary} (${address}): ${ending}`, ...failedPhase(output)].join("\n") }),
  };
}

/** What the hook printed from the beginning of the phase that failed, but for its last line, which the explanation is. */
function failedPhase(output: string): string[] {
  const lines = output.trim().split("\n");
  const [failure, phase] = /^phase=(\S+) state=fail\b/m.exec(output) ?? [];
  const end = lines.findIndex((line) => failure !== undefined && line.startsWith(failure));
  const start = lines.findLastIndex(
    (line, index) => index < end && line.startsWith(`phase=${phase} state=start`),
  );
  return lines.slice(start + 1, -1).filter((line) => !line.startsWith("phase="));
}

function hookAdvice(exitCode: string | undefined): string {
  return codeOfHookExit[exitCode ?? ""] === "HOOK_NOT_EXECUTABLE"
    ? "Make the script executable (chmod +x) and commit it"
    : "Read the hook's words, then run the command again: it repeats the failed step and only it";
}
