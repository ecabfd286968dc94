import { expect, test } from "vitest";
import { explainFailure } from "../../terraform/explain-failure.ts";

const context = { binary: { path: "/opt/tofu" }, path: "/repo/cdktf.out/stacks/demo", command: "apply" };
const address = "proxmox_virtual_environment_vm.vm-160";

function explain(summary: string, detail: string, command = "apply") {
  return explainFailure({ severity: "error", summary, detail, address }, { ...context, command });
}

const lockInfo = `Error message: resource temporarily unavailable
Lock Info:
  ID:        dedd088a-7e95-64d6-44b8-36656920dfb4
  Path:      terraform.demo.tfstate
  Operation: OperationTypeApply
  Who:       ops@laptop
  Version:   1.12.6
  Created:   2026-11-21 08:00:07.262029642 +0000 UTC
  Info:      
`;

/** Summary, detail, then the code and a part of the sentence expected. The texts are the programs' own. */
const recognised: readonly [summary: string, detail: string, code: string, what: string][] = [
  [
    "Error acquiring the state lock",
    lockInfo,
    "STATE_LOCKED",
    "locked by ops@laptop (apply) since 2026-11-21 08:00:07 UTC",
  ],
  [
    "Saved plan is stale",
    "The given plan file can no longer be applied",
    "PLAN_STALE",
    "nothing was applied",
  ],
  [
    'Backend initialization required: please run "tofu init"',
    "Reason: Initial",
    "INIT_NEEDED",
    "not initialised",
  ],
  ["Inconsistent dependency lock file", "...", "INIT_NEEDED", "Inconsistent dependency lock file"],
  ["Backend configuration changed", "A change in the backend...", "BACKEND_CHANGED", "another one"],
  [
    "Failed to load plugin schemas",
    'failed to instantiate provider "x/bpg/proxmox" to obtain schema: Reattachment process not found..',
    "PROVIDER_MISSING",
    "TF_REATTACH_PROVIDERS",
  ],
  [
    "Failed to resolve provider packages",
    "Could not resolve provider bpg/proxmox: could not connect to the registry: dial tcp: no such host",
    "PROVIDER_MISSING",
    "could not be downloaded",
  ],
  [
    "Resource postcondition failed",
    "Golden template nixos-26.05: exactly one template with the name nixos-26.05-v1 is needed on the cluster, and the token sees 0. Build or import it.",
    "TEMPLATE_MISSING",
    "Golden template nixos-26.05: exactly one template with the name nixos-26.05-v1 is needed on the cluster, and the token sees 0.",
  ],
  [
    "VM clone",
    "All attempts fail:\n#1: error cloning VM: received an HTTP 500 response - Reason: unable to find configuration file for VM 9999 on node 'pve'",
    "TEMPLATE_MISSING",
    "VMID 9999 does not exist on node pve",
  ],
  [
    "VM clone",
    "All attempts fail:\n#1: error cloning VM: the requested resource already exists\nreceived an HTTP 500 response - Reason: unable to create VM 160: config file\nalready exists",
    "VMID_TAKEN",
    "VMID 160 is taken",
  ],
  [
    'failed to get resources list of type ("vm") for cluster: received an HTTP 401 response - Reason: Authentication failed!',
    "",
    "WRONG_TOKEN",
    "refused the API token",
  ],
  [
    "Unable to create Proxmox VE API credentials",
    "the API token must be in the format 'USER@REALM!TOKENID=UUID'",
    "WRONG_TOKEN",
    "refused the API token",
  ],
  [
    "VM clone",
    "#1: error cloning VM: received an HTTP 403 response - Reason: Permission check failed (pool 'nopool' does not exist)",
    "POOL_MISSING",
    "pool nopool",
  ],
  [
    "VM clone",
    "#1: error cloning VM: received an HTTP 403 response - Reason: Permission\ncheck failed (/vms/9000, VM.Clone)",
    "NO_PERMISSION",
    "it lacks /vms/9000, VM.Clone",
  ],
  [
    'failed to get nodes: failed to perform HTTP GET request (path: nodes) - Reason: Get "https://127.0.0.1:18006/api2/json/nodes": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    "",
    "TLS_NOT_TRUSTED",
    "certificate signed by unknown authority",
  ],
  [
    "Unable to create Proxmox VE API connection",
    "you must specify a secure endpoint for the Proxmox Virtual Environment API\n(valid: https://host:port/)",
    "ENDPOINT_INVALID",
    "no https address",
  ],
  [
    'failed to get nodes: failed to perform HTTP GET request (path: nodes) - Reason: Get "https://127.0.0.1:18099/api2/json/nodes": dial tcp 127.0.0.1:18099: connect: connection refused',
    "",
    "CLUSTER_UNREACHABLE",
    "Proxmox VE at 127.0.0.1:18099 does not answer: dial tcp 127.0.0.1:18099: connect: connection refused",
  ],
  [
    "VM clone",
    "#1: received an HTTP 500 response - Reason: storage 'nostore' does not exist",
    "DATASTORE_MISSING",
    "Datastore nostore does not exist",
  ],
  [
    "VM start",
    "task \"UPID:pve:0000664E:000493BD:6B013611:qmstart:112:terraform@pve!provider:\"\nfailed to complete with exit code: bridge 'nobr' does not exist",
    "BRIDGE_MISSING",
    "Bridge nobr",
  ],
  [
    "VM update",
    "Parameter verification failed. (net0: hotplug problem - interface nobr does not exist)",
    "BRIDGE_MISSING",
    "Bridge nobr",
  ],
  [
    "VM clone",
    "#1: error cloning VM: received an HTTP 500 response - Reason: hostname lookup\n'pve9' failed - failed to get address info for: pve9",
    "NODE_DOWN",
    "Node pve9 is down or does not exist",
  ],
  [
    "VM clone",
    "received an HTTP 595 response - Reason: No route to host",
    "NODE_DOWN",
    "A node of the cluster",
  ],
  [
    "All attempts fail: #1: received an HTTP 500 response - Reason: VM is locked (backup)",
    "",
    "VM_LOCKED",
    "(backup)",
  ],
  [
    "VM stop",
    "task \"UPID:pve:000191AC:000A65BF:6B01:qmstop:121:terraform@pve!provider:\" failed to complete with exit code: can't lock file '/var/lock/qemu-server/lock-121.conf' - got timeout",
    "LOCK_TIMEOUT",
    "could not be had in time",
  ],
  [
    "VM clone",
    "#1: error cloning VM: received an HTTP 500 response - Reason: cfs-lock 'storage-ceph' error: got lock request timeout",
    "LOCK_TIMEOUT",
    "could not be had in time",
  ],
  ["VM update", "received an HTTP 500 response - Reason: got timeout", "LOCK_TIMEOUT", "in time"],
  ["VM update", "received an HTTP 596 response - Reason: Broken pipe", "CONNECTION_LOST", "broke"],
  ["VM start", "received an HTTP 599 response - Reason: Too many redirections", "CONNECTION_LOST", "broke"],
  [
    "VM update",
    'failed to perform HTTP PUT request (path: nodes/pve/qemu/101/config) - Reason: Put "https://127.0.0.1:8006/api2/json/nodes/pve/qemu/101/config": read tcp 127.0.0.1:4->127.0.0.1:8006: read: connection reset by peer',
    "CONNECTION_LOST",
    "broke",
  ],
  [
    "Plugin did not respond",
    "The plugin encountered an error, and failed to respond to the plugin6.(*GRPCProvider).ApplyResourceChange call.",
    "PROVIDER_CRASHED",
    "in the middle of its work",
  ],
  [
    "VM delete",
    "#1: error deleting VM: received an HTTP 500 response - Reason: can't remove\nVM 111 - protection mode enabled",
    "VM_PROTECTED",
    "Machine 111",
  ],
  [
    "Instance cannot be destroyed",
    "Resource x has lifecycle.prevent_destroy set",
    "VM_PROTECTED",
    "preventDestroy",
  ],
  ["Failed to save state", "write terraform.tfstate: no space left on device", "DISK_FULL", "disk is full"],
  [
    "Error acquiring the state lock",
    "Error message: permission denied",
    "BACKEND_FAILED",
    "could not be read",
  ],
];

test.each(recognised)("%s | %s is %s.", (summary, detail, code, what) => {
  const explanation = explain(summary, detail);
  expect(explanation?.code).toBe(code);
  expect(explanation?.what).toContain(what);
  expect(explanation?.hint).toMatch(/^\S.{15,}/);
});

test("The advice for a lock names the program, the folder and the lock.", () => {
  expect(explain("Error acquiring the state lock", lockInfo)?.hint).toContain(
    "/opt/tofu -chdir=/repo/cdktf.out/stacks/demo force-unlock dedd088a-7e95-64d6-44b8-36656920dfb4",
  );
});

test("A refused connection is the backend's fault in init and in output, and unknown elsewhere.", () => {
  const words = ["dial tcp 127.0.0.1:5432: connect: connection refused", ""] as const;
  expect(explain(...words, "init")?.code).toBe("BACKEND_FAILED");
  expect(explain(...words, "output")?.code).toBe("BACKEND_FAILED");
  expect(explain(...words, "apply")).toBeUndefined();
});

test("A guest that does not answer in time is no lock that could not be had.", () => {
  const silent = "failed to complete with exit code: VM quit/powerdown failed - got timeout";
  expect(explain("VM shutdown", silent)).toBeUndefined();
});

test("Words that no rule knows stay unexplained.", () => {
  expect(explain("Unsupported argument", 'An argument named "x" is not expected here.')).toBeUndefined();
});
