import { NixherdError } from "../../lib/errors.ts";
import { createAccessState, createToken } from "./access/access-state.ts";
import { builtInRoles } from "./access/roles.ts";
import { createFaultState } from "./faults/fault-state.ts";
import { withGuestFaults } from "./faults/guest-faults.ts";
import { type GuestPort, withoutGuests } from "./guest-port.ts";
import { startHaRounds } from "./ha/ha-rounds.ts";
import type { RequestRecord } from "./http/answer-request.ts";
import { createCertificate, isLasting, type ServerCertificate } from "./http/create-certificate.ts";
import { type FormerServer, readFormerServer } from "./journal/former-server.ts";
import { restoreState } from "./journal/restore-state.ts";
import { serveAndKeep } from "./journal/serve-and-keep.ts";
import { createGoldenTemplate, type TemplateOptions } from "./machine/golden-template.ts";
import { resumeGuests } from "./machine/resume-guests.ts";
import { startStatusRounds } from "./reports/status-rounds.ts";
import type { Cluster, Delays } from "./state/cluster.ts";
import { createDatacenter } from "./state/datacenter.ts";
import { createHostClock } from "./state/host-clock.ts";
import type { PveNode } from "./state/node.ts";
import type { PveStorage } from "./state/storage.ts";
import { stopTasks } from "./state/task.ts";

/** An API token that exists from the start; its user is made with it. */
interface TokenOptions {
  /** `terraform@pve!provider` */
  readonly id: string;
  /** A role of Proxmox VE on `path` and below. @default Administrator */
  readonly role?: string;
  /** @default "/" */
  readonly path?: string;
  /** A UUID of the caller's choice. @default a random one */
  readonly secret?: string;
}

/** A user who logs in with a password. */
interface UserOptions {
  readonly id: string;
  readonly password: string;
  /** @default Administrator */
  readonly role?: string;
}

/** What an embedded Proxmox VE is started with; everything has a default. */
export interface PveOptions {
  /** Anything but 127.0.0.1 is refused. @default 127.0.0.1 */
  readonly host?: string;
  /** 0 takes any free port. @default the port of the kept state if it is free, else any */
  readonly port?: number;
  /**
   * Absolute path of a file that the state is kept in. If it is there, the cluster goes on from it: nodes and delays
   * are those of the options, everything else is as it was, the tokens and the certificate included. @default none
   */
  readonly stateFile?: string;
  /** @default pve1 and pve2, 16 CPUs and 64 GiB each, bridge vmbr0 */
  readonly nodes?: readonly (Pick<PveNode, "name"> & Partial<PveNode>)[];
  /** @default `local` (directory for files) and `local-lvm` (LVM-thin for images), 1 TiB each */
  readonly storages?: readonly PveStorage[];
  /** @default 9000 `nixos-26.05-v1` on the first node and `local-lvm` */
  readonly templates?: readonly TemplateOptions[];
  /** @default one Administrator, `terraform@pve!provider` */
  readonly tokens?: readonly TokenOptions[];
  /** @default none */
  readonly users?: readonly UserOptions[];
  readonly delays?: Partial<Delays>;
  /** What runs inside the machines. @default nothing */
  readonly guests?: GuestPort;
  /** Called for every answered request; gets no secrets. */
  readonly onRequest?: (record: RequestRecord) => void;
}

/** A running embedded Proxmox VE. */
export interface RunningPve {
  /** `https://127.0.0.1:<port>/` */
  readonly endpoint: string;
  /** Certificate authority to trust, for `SSL_CERT_FILE`. */
  readonly caPem: string;
  /** Token id to what `PROXMOX_VE_API_TOKEN` holds: `user@realm!id=uuid`. A secret. */
  readonly tokens: Readonly<Record<string, string>>;
  /** The state behind the API, for tests and demos that look or meddle from outside. */
  readonly cluster: Cluster;
  /** Ends running tasks and all connections, and frees the port. */
  stop(): Promise<void>;
}

const gibibyte = 1024 ** 3;

const defaultDelays: Delays = {
  taskMs: 50,
  taskMsByType: {},
  copyMs: 0,
  wrongTokenMs: 0,
  silentAgentMs: 0,
  lockTimeoutMs: 10_000,
  rebootGapMs: 0,
  statusRoundMs: 10_000,
  haRoundMs: 10_000,
};

/** Storages of a fresh installation: files in a directory, images on LVM-thin. */
const defaultStorages: readonly PveStorage[] = [
  {
    name: "local",
    style: "dir",
    content: ["iso", "vztmpl", "backup", "snippets", "import"],
    shared: false,
    totalBytes: 1024 * gibibyte,
  },
  {
    name: "local-lvm",
    style: "lvmthin",
    content: ["rootdir", "images"],
    shared: false,
    totalBytes: 1024 * gibibyte,
  },
];

const loopback = "127.0.0.1";

function checkHost(host = loopback): void {
  if (host === loopback) return;
  throw new NixherdError("EMBEDDED_NOT_LOOPBACK", {
    message: `The embedded Proxmox VE refuses to listen on ${host}.`,
    hint: "Leave the host out: it is for this machine only, and listens on 127.0.0.1.",
  });
}

function createNodes(options: PveOptions, fingerprint: string): ReadonlyMap<string, PveNode> {
  const nodes = options.nodes ?? [{ name: "pve1" }, { name: "pve2" }];
  const defaults = {
    cpus: 16,
    memoryBytes: 64 * gibibyte,
    bridges: new Set(["vmbr0"]),
    address: "127.0.0.1",
    nameserver: "127.0.0.1",
    fingerprint,
  };
  return new Map(nodes.map((node) => [node.name, { ...defaults, ...node }]));
}

function createCluster(options: PveOptions, fingerprint: string): Cluster {
  const faults = createFaultState();
  const clock = createHostClock();
  return {
    nodes: createNodes(options, fingerprint),
    downNodes: new Set(),
    faults,
    storages: new Map((options.storages ?? defaultStorages).map((storage) => [storage.name, storage])),
    vms: new Map(),
    volumes: new Map(),
    pools: new Map(),
    lastSeen: new Map(),
    tasks: new Map(),
    access: createAccessState(),
    datacenter: createDatacenter(),
    guests: withGuestFaults(options.guests ?? withoutGuests, faults, clock.nowMs),
    delays: { ...defaultDelays, ...options.delays },
    clock,
  };
}

function checkRole(role: string): void {
  if (builtInRoles[role] !== undefined) return;
  throw new NixherdError("USAGE", {
    message: `The embedded Proxmox VE has no role '${role}'.`,
    hint: `Use one of ${Object.keys(builtInRoles).join(", ")}.`,
  });
}

function grant({ access }: Cluster, userId: string, role = "Administrator", path = "/"): void {
  checkRole(role);
  access.acl.push({ path, subject: userId, role, propagate: true });
}

/** Makes the users and tokens, and returns each token with its secret. */
function createIdentities(cluster: Cluster, options: PveOptions): Record<string, string> {
  for (const { id, password, role } of options.users ?? []) {
    if (cluster.access.users.has(id)) continue;
    cluster.access.users.set(id, { userId: id, password, enabled: true });
    grant(cluster, id, role);
  }
  const tokens = options.tokens ?? [{ id: "terraform@pve!provider" }];
  return Object.fromEntries(tokens.map((token) => [token.id, `${token.id}=${addToken(cluster, token)}`]));
}

/** Tokens of one user may have different rights, so each is separated and its user may do everything. */
function addToken(cluster: Cluster, { id, role, path, secret }: TokenOptions): string {
  const [userId = id] = id.split("!");
  const { access } = cluster;
  const kept = access.tokens.get(id);
  if (kept !== undefined && (secret ?? kept.secret) === kept.secret) return kept.secret;
  if (!access.users.has(userId)) {
    access.users.set(userId, { userId, password: undefined, enabled: true });
    grant(cluster, userId);
  }
  grant(cluster, id, role, path);
  return createToken(access, id, true, secret).secret;
}

function defaultTemplate(cluster: Cluster): TemplateOptions {
  const [node = ""] = cluster.nodes.keys();
  return { vmid: 9000, name: "nixos-26.05-v1", node, storage: "local-lvm" };
}

function certificateFor(former: FormerServer | undefined): Promise<ServerCertificate> | ServerCertificate {
  const kept = former?.identity?.certificate;
  return kept !== undefined && isLasting(kept) ? kept : createCertificate();
}

/** Fills a new cluster with what a former server kept, or with what a fresh one has. */
function populate(cluster: Cluster, options: PveOptions, former: FormerServer | undefined): void {
  if (former !== undefined) {
    restoreState(cluster, former.entries);
    return;
  }
  for (const template of options.templates ?? [defaultTemplate(cluster)])
    createGoldenTemplate(cluster, template);
}

/**
 * Starts an embedded Proxmox VE: its API over HTTPS on loopback, its state in memory, and in a file if one is named.
 *
 * @throws NixherdError EMBEDDED_NOT_LOOPBACK, EMBEDDED_PORT_TAKEN, EMBEDDED_STATE_UNREADABLE or USAGE (options that do
 * not fit together).
 */
export async function startPve(options: PveOptions = {}): Promise<RunningPve> {
  checkHost(options.host);
  const former = readFormerServer(options.stateFile);
  const certificate = await certificateFor(former);
  const cluster = createCluster(options, certificate.fingerprint);
  populate(cluster, options, former);
  const tokens = createIdentities(cluster, options);
  await resumeGuests(cluster);
  const stopStatusRounds = startStatusRounds(cluster);
  const stopHaRounds = startHaRounds(cluster);
  const listening = await serveAndKeep({
    cluster,
    certificate,
    host: loopback,
    port: options.port,
    formerPort: former?.identity?.port,
    stateFile: options.stateFile,
    record: options.onRequest ?? (() => undefined),
  });
  return {
    endpoint: `https://${loopback}:${listening.port}/`,
    caPem: certificate.caPem,
    tokens,
    cluster,
    stop: () => {
      stopStatusRounds();
      stopHaRounds();
      stopTasks(cluster);
      return listening.stop();
    },
  };
}
