import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openClusterChanges } from "../../proxmox/cluster-changes.ts";
import { findTemplate } from "../../template/cluster-template.ts";
import type { Check } from "../../template/verify/judge-machines.ts";
import { type Verification, verifyTemplate } from "../../template/verify-template.ts";
import {
  cloudInitResult,
  soundGuest,
  startTemplateCluster,
  type TemplateCluster,
} from "./template-cluster.ts";

interface Run {
  readonly interrupt?: AbortSignal;
  readonly timeoutMs?: number;
  readonly reserved?: ReadonlySet<number>;
}

async function verify(cluster: TemplateCluster, run: Run = {}): Promise<Verification> {
  const changes = openClusterChanges(cluster.access);
  onTestFinished(() => changes.close());
  return verifyTemplate(changes, await findTemplate(changes, "9000"), {
    reserved: new Set(),
    isFull: false,
    sshConfig: cluster.sshConfig,
    timeoutMs: 20_000,
    interrupt: new AbortController().signal,
    say: () => undefined,
    ...run,
  });
}

function failedAmong(checks: readonly Check[]): string[] {
  return checks.filter(({ problem }) => problem !== "").map(({ name }) => name);
}

function problemOf(checks: readonly Check[], name: Check["name"]): string | undefined {
  return checks.find((check) => check.name === name)?.problem;
}

function machinesOn({ pve }: TemplateCluster): number[] {
  return [...pve.cluster.vms.keys()];
}

test("A sound template passes every check, and its two throw-away machines are gone afterwards.", async () => {
  const cluster = await startTemplateCluster();
  const { checks, marker } = await verify(cluster, { reserved: new Set([9001]) });
  expect(failedAmong(checks)).toEqual([]);
  expect(checks).toHaveLength(7);
  expect(marker).toEqual({ release: "26.05", nixpkgsRevision: "a".repeat(40) });
  expect(machinesOn(cluster)).toEqual([9000]);
  const deleted = cluster.changes.filter((call) => call.startsWith("DELETE"));
  // 9001 was a spec's.
  expect(deleted.map((call) => call.replace(/^.*\/qemu\//, "")).toSorted()).toEqual(["9002", "9003"]);
});

const { file } = soundGuest;

test("Everything that is wrong with a template is found at once, and its machines are gone.", async () => {
  const cluster = await startTemplateCluster({
    file: (path, vmId) => {
      if (path === "/etc/machine-id") return "0123456789abcdef0123456789abcdef";
      if (path === "/run/cloud-init/result.json") return cloudInitResult(["no growpart"]);
      if (path === "/etc/nixos-template.json") return '{"version":"nixos-26.05-v7"}';
      return file(path, vmId);
    },
    rootBytes: () => 3.6 * 1024 ** 3,
    takesKeys: false,
  });
  const { checks } = await verify(cluster, { timeoutMs: 5_000 });
  expect(failedAmong(checks)).toEqual(["marker", "cloud-init", "root-growth", "login", "machine-id"]);
  expect(problemOf(checks, "login")).toContain("accepted another key");
  expect(machinesOn(cluster)).toEqual([9000]);
});

test("Host keys that came with the template are found out, and nobody logs in under them.", async () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGqk1kYq7b4M5b0zOQ2xk8bqP7S0c5V1yM3mX9mT0q2L";
  const cluster = await startTemplateCluster({
    file: (path, vmId) => (path.includes("ssh_host") ? key : file(path, vmId)),
  });
  const { checks } = await verify(cluster);
  expect(failedAmong(checks)).toEqual(["login", "host-keys"]);
  expect(problemOf(checks, "login")).toContain("Host key verification failed");
});

test("A template whose agent stays silent is found out at the deadline, and its machines are gone.", async () => {
  const cluster = await startTemplateCluster();
  const template = cluster.pve.cluster.vms.get(9000);
  if (template !== undefined) template.config["agent"] = "0";
  const { checks } = await verify(cluster, { timeoutMs: 1_500 });
  expect(failedAmong(checks)).toContain("agent");
  expect(failedAmong(checks)).toContain("login");
  expect(machinesOn(cluster)).toEqual([9000]);
});

test("A clone that cannot be started fails the verification, and everything of it is gone.", async () => {
  const cluster = await startTemplateCluster();
  const template = cluster.pve.cluster.vms.get(9000);
  if (template !== undefined) template.config["net0"] = "virtio=BC:24:11:00:00:01,bridge=vmbr9";
  await expect(verify(cluster)).rejects.toMatchObject({ name: "NixherdError" });
  expect(machinesOn(cluster)).toEqual([9000]);
});

test("An interrupted verification removes its machines before it ends.", async () => {
  const cluster = await startTemplateCluster({
    file: (path) => (path.includes("result.json") ? "" : undefined),
  });
  const interrupt = new AbortController();
  const verification = verify(cluster, { interrupt: interrupt.signal });
  const started = () => cluster.changes.filter((call) => call.endsWith("/status/start")).length;
  for (const end = performance.now() + 20_000; started() < 2 && performance.now() < end; ) await sleep(20);
  expect(machinesOn(cluster)).toHaveLength(3);
  interrupt.abort();
  await expect(verification).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(machinesOn(cluster)).toEqual([9000]);
});
