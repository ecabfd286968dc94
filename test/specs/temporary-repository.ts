import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** What a path of a temporary repository holds: text or bytes, an object as JSON, a link, a named pipe, an empty folder. */
export type Content = string | Uint8Array | object | { readonly link: string } | "named pipe" | "folder";

/** Public half of a key whose private half was thrown away. */
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBEjJzbaXYzCOZOO2AhHjmvUGF4a2wFiNpXHJzaAyIlv test";

/** A site with one template, "nixos". */
export const smallSite = { templates: { nixos: { name: "nixos-v1", rootDisk: { sizeGiB: 4 } } } };

/** A machine that fits smallSite and needs no defaults file. */
export function smallMachine(vmId: number): Record<string, unknown> {
  return {
    vmId,
    node: "pve1",
    template: "nixos",
    disks: [{ slot: "virtio0", sizeGiB: 8, datastore: "local-lvm" }],
    networks: [{ bridge: "vmbr0", ipv4: { dhcp: true } }],
    access: { sshKeys: [publicKey] },
  };
}

/** Makes a folder with these files; it is removed when the running test ends. */
export function temporaryRepository(files: Readonly<Record<string, Content>>): string {
  const root = mkdtempSync(join(tmpdir(), "nixherd-specs-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) write(join(root, path), content);
  return root;
}

function write(path: string, content: Content): void {
  mkdirSync(content === "folder" ? path : dirname(path), { recursive: true });
  if (content === "folder") return;
  if (content === "named pipe") execFileSync("mkfifo", [path]);
  else if (typeof content === "string" || content instanceof Uint8Array) writeFileSync(path, content);
  else if ("link" in content) symlinkSync(content.link, path);
  else writeFileSync(path, JSON.stringify(content));
}
