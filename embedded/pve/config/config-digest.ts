import { createHash } from "node:crypto";
import { failure } from "../http/api-error.ts";
import type { Vm } from "../state/vm.ts";

/** SHA-1 over everything the VM's configuration file would hold. */
export function configDigest(vm: Vm): string {
  const hash = createHash("sha1");
  for (const part of [vm.config, vm.pending]) {
    for (const key of Object.keys(part).sort()) hash.update(`${key}: ${part[key]}\n`);
    hash.update("[PENDING]\n");
  }
  hash.update([...vm.pendingDelete.keys()].sort().join(","));
  for (const name of vm.snapshots.keys()) hash.update(`[${name}]\n`);
  return hash.digest("hex");
}

/** @throws ApiError 500 when the configuration changed since the caller read it. */
export function checkDigest(vm: Vm, digest: string | undefined): void {
  if (digest !== undefined && digest !== configDigest(vm)) {
    throw failure("checksum mismatch (file change by other user?)");
  }
}
