const rootOnly = "is refused: only root's password may set it, an API token never can";
const secret =
  "is refused: secrets do not belong in files (expected PROXMOX_VE_API_TOKEN in the environment)";
const gateway =
  "is refused: only a fixed address takes a gateway (expected an address beside it, or no gateway)";

/** Says why a key that people look for is left out on purpose, and what to do instead. */
export function explainRefusedKey(pointer: string): string | undefined {
  return refusedKeys[pointer.replace(/\/\d+(?=\/|$)/g, "/*")];
}

const refusedKeys: Readonly<Record<string, string>> = {
  "/networks/*/ipv4/gateway": gateway,
  "/networks/*/ipv6/gateway": gateway,
  "/hardware/args": rootOnly,
  "/hardware/kvmArguments": rootOnly,
  "/cpu/affinity": rootOnly,
  "/cpu/architecture": rootOnly,
  "/access/password":
    "is refused: it would be readable in Terraform's state (expected access.sshKeys or access.sshKeyFiles)",
  "/proxmox/apiToken": secret,
  "/proxmox/token": secret,
  "/proxmox/password": secret,
};
