import { basename } from "node:path";
import { entryOf } from "./json.ts";
import type { KeyFile } from "./key-files.ts";
import type { SiteSpec } from "./site-spec.ts";
import type { FilledVmSpec, NixosSpec, TemplateChoice, VmSpec, WaitForIp } from "./vm-spec.ts";

/** What a machine's spec is resolved with. */
export interface ResolveContext {
  /** Path of the machine's file. */
  readonly file: string;
  readonly site: SiteSpec;
  readonly readKeyFile: (path: string) => KeyFile;
}

/** Settles everything in a spec that depends on other keys or other files. What cannot be settled is left to the rules. */
export function resolveMachine(filled: FilledVmSpec, context: ResolveContext): VmSpec {
  const { $schema: _, ...spec } = filled;
  const name = spec.name ?? basename(context.file, ".json");
  const template = resolveTemplate(spec.template);
  const siteTemplate = entryOf(context.site.templates, template.name);
  const rootDisk = spec.disks.find(({ slot }) => slot === siteTemplate?.rootDisk.slot);
  return {
    ...spec,
    name,
    template,
    tags: [...new Set(spec.tags)].toSorted(),
    disks: spec.disks.map((disk) => ({
      ...disk,
      iothread: disk.iothread ?? mayHaveIothread(disk.slot, spec),
    })),
    access: { user: spec.access.user, sshKeys: collectKeys(spec.access, context) },
    cloudInit: {
      ...spec.cloudInit,
      slot: spec.cloudInit.slot ?? siteTemplate?.cloudInit.slot ?? "ide2",
      // A machine without root disk has no default here, and a rule refuses it.
      datastore: spec.cloudInit.datastore ?? siteTemplate?.cloudInit.datastore ?? rootDisk?.datastore ?? "",
    },
    agent: { ...spec.agent, waitForIp: resolveWaitForIp(spec) },
    boot: { ...spec.boot, firmware: spec.boot.firmware ?? siteTemplate?.firmware ?? "seabios" },
    nixos: resolveNixos(spec.nixos, name, context.site),
  };
}

/** Whether a disk can have a thread of its own: on virtio, and on scsi if the controller serves one disk only. */
export function mayHaveIothread(slot: string, spec: Pick<FilledVmSpec, "hardware">): boolean {
  return (
    slot.startsWith("virtio") || (slot.startsWith("scsi") && spec.hardware.scsi === "virtio-scsi-single")
  );
}

function resolveTemplate(template: FilledVmSpec["template"]): TemplateChoice {
  return typeof template === "string" ? { name: template, full: true, replaceOnChange: false } : template;
}

function collectKeys(access: FilledVmSpec["access"], { readKeyFile }: ResolveContext): string[] {
  const fromFiles = access.sshKeyFiles.flatMap((path) => {
    const file = readKeyFile(path);
    return "keys" in file ? file.keys.map(({ text }) => text) : [];
  });
  return [...new Set([...access.sshKeys.map((key) => key.trim()), ...fromFiles])];
}

function resolveWaitForIp({ agent, networks }: Pick<FilledVmSpec, "agent" | "networks">): WaitForIp {
  if (agent.waitForIp !== "auto") return agent.waitForIp;
  const [first] = networks;
  if (!agent.enabled || first === undefined) return "none";
  return hasFixedAddress(first) ? "none" : "any";
}

/** Whether the address of an interface stands in the spec. */
function hasFixedAddress({ ipv4, ipv6 }: FilledVmSpec["networks"][number]): boolean {
  return (ipv4 !== undefined && "address" in ipv4) || (ipv6 !== undefined && "address" in ipv6);
}

function resolveNixos(nixos: FilledVmSpec["nixos"], name: string, site: SiteSpec): false | NixosSpec {
  if (nixos === false) return false;
  return { ...nixos, flake: nixos.flake ?? site.nixos.flake, attribute: nixos.attribute ?? name };
}
