import { type Static, Type } from "typebox";
import { agent } from "./schema/agent.ts";
import { boot } from "./schema/boot.ts";
import { access, cloudInit, dns } from "./schema/cloud-init.ts";
import { cpu } from "./schema/cpu.ts";
import { type disk, disks } from "./schema/disks.ts";
import { forms } from "./schema/forms.ts";
import { hardware } from "./schema/hardware.ts";
import { type Complete, defaulted, onChange, section } from "./schema/keys.ts";
import { lifecycle } from "./schema/lifecycle.ts";
import { machinePolicy } from "./schema/machine-policy.ts";
import { memory } from "./schema/memory.ts";
import { type network, networks } from "./schema/networks.ts";
import { hooks, nixos, type nixosConfiguration } from "./schema/nixos.ts";
import { numa } from "./schema/numa.ts";
import { template, type templateChoice } from "./schema/template.ts";

/** The JSON schema of one machine's file; its descriptions are the user's manual. */
export const vmSpecSchema = section("One virtual machine.", {
  $schema: Type.Optional(Type.String({ description: "Path or URL of this schema, for editors." })),
  vmId: Type.Integer({
    minimum: 100,
    maximum: 999_999_999,
    description: `VMID on the cluster, 100-999999999, unique in the fleet: the machine's identity. ${onChange.replace}`,
  }),
  name: Type.Optional(
    Type.String({
      description: `Name of the machine and host name of the guest: a DNS name. Default: the file's name without .json. ${onChange.live}`,
    }),
  ),
  node: Type.String({
    ...forms.node,
    description: "Proxmox VE node. A change migrates the machine, live where the storages allow it.",
    examples: ["pve1"],
  }),
  template,
  description: defaulted(
    Type.String({
      maxLength: 8192,
      description: `Notes shown by Proxmox VE, Markdown. Default: none. ${onChange.live}`,
    }),
    "",
  ),
  tags: defaulted(
    Type.Array(Type.String(), {
      description: `Tags, in lower case: letters, digits, "_", "-", "+", ".". Default: none. ${onChange.live}`,
      examples: [["web", "prod"]],
    }),
    [],
  ),
  pool: Type.Optional(
    Type.String({
      ...forms.pool,
      description: `Resource pool, which must exist. Default: none. ${onChange.live} Proxmox VE keeps the old pool when the key is removed.`,
    }),
  ),
  cpu: defaulted(cpu, {}),
  memory: defaulted(memory, {}),
  disks: defaulted(disks, []),
  networks: defaulted(networks, []),
  dns: defaulted(dns, {}),
  access: defaulted(access, {}),
  cloudInit: defaulted(cloudInit, {}),
  agent: defaulted(agent, {}),
  boot: defaulted(boot, {}),
  hardware: defaulted(hardware, {}),
  numa: defaulted(numa, []),
  lifecycle: defaulted(lifecycle, {}),
  policy: defaulted(machinePolicy, {}),
  nixos: defaulted(nixos, {}),
  hooks: defaulted(hooks, {}),
});

/** What a user may write in one machine's file, defaults files merged in. */
export type WrittenVmSpec = Static<typeof vmSpecSchema>;

/** A machine's spec with the built-in defaults filled in and nothing resolved yet. */
export type FilledVmSpec = Complete<typeof vmSpecSchema>;

/** How a machine comes from its template. */
export type TemplateChoice = Complete<typeof templateChoice>;

/** One disk; `iothread` is resolved: true where it is possible and not written otherwise. */
export type Disk = Complete<typeof disk> & { readonly iothread: boolean };

/** One network interface. `"address" in ipv4` tells a fixed address from DHCP. */
export type Network = Complete<typeof network>;

/** The NixOS part of a spec; flake and attribute are resolved. */
export type NixosSpec = Complete<typeof nixosConfiguration> & {
  readonly flake: string;
  readonly attribute: string;
};

/** Which address the provider waits for after a start. */
export type WaitForIp = "none" | "any" | "ipv4" | "ipv6";

interface ResolvedKeys {
  readonly name: string;
  readonly template: TemplateChoice;
  /** Lower case, sorted, each once: the form in which the server returns them. */
  readonly tags: readonly string[];
  readonly disks: readonly Disk[];
  /** Keys of sshKeyFiles are appended to sshKeys, each key once. */
  readonly access: Omit<FilledVmSpec["access"], "sshKeyFiles">;
  /** Slot and datastore are the spec's, else the template's, else (datastore) the root disk's. */
  readonly cloudInit: FilledVmSpec["cloudInit"] & { readonly slot: string; readonly datastore: string };
  readonly agent: Omit<FilledVmSpec["agent"], "waitForIp"> & { readonly waitForIp: WaitForIp };
  readonly boot: FilledVmSpec["boot"] & { readonly firmware: "seabios" | "ovmf" };
  readonly nixos: false | NixosSpec;
}

/** A complete machine: every default filled in, everything that depends on other files resolved. */
export type VmSpec = Omit<FilledVmSpec, "$schema" | keyof ResolvedKeys> & ResolvedKeys;
