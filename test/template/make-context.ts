import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { openClusterChanges } from "../../proxmox/cluster-changes.ts";
import type { TemplateBuild } from "../../specs/site-spec.ts";
import type { MakeContext } from "../../template/make-context.ts";
import type { TemplateCluster } from "./template-cluster.ts";

/** Settings that are good for the embedded cluster and its golden template. */
export const goodBuild: TemplateBuild = {
  node: "pve1",
  datastore: "local-lvm",
  uploads: "local",
  bridge: "vmbr0",
  vmIds: { from: 9000, to: 9999 },
  release: "26.05",
  nixpkgsRevision: "0123456789abcdef0123456789abcdef01234567",
  firmware: "seabios",
  baseVmId: 9000,
  memoryMiB: 4096,
};

/** What the steps of a making work with, in this process; `said` receives what they tell. */
export function makeContext(cluster: TemplateCluster, said: string[] = []): MakeContext {
  const root = mkdtempSync(join(tmpdir(), "nixherd-make-"));
  const changes = openClusterChanges(cluster.access);
  onTestFinished(async () => {
    await changes.close();
    rmSync(root, { recursive: true });
  });
  return {
    root,
    build: goodBuild,
    catalogue: {},
    reserved: new Set(),
    access: cluster.access,
    changes,
    interrupt: new AbortController().signal,
    say: (text) => void said.push(text),
  };
}

/** Puts a `packer` on PATH that says it has this version. */
export function stubPacker(root: string, version: string): void {
  writeFileSync(join(root, "packer"), `#!/bin/sh\necho 'Packer v${version}'\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${root}:${process.env["PATH"]}`);
}
