import type { Block, PackerTemplate } from "./read-packer.ts";

/** What a template must never say, learned from recorded builds; each gives the sentences of what is wrong. */
type PackerRule = (template: PackerTemplate) => Iterable<string>;

const hardware = ["cores", "sockets", "memory", "cpu_type", "os", "scsi_controller", "qemu_agent", "serials"];

/** The plugin sends its own defaults for these, over whatever the base has. */
function* hardwareIsSaid({ sources }: PackerTemplate): Iterable<string> {
  for (const [type, source] of Object.entries(sources)) {
    for (const key of hardware) if (source[key] === undefined) yield `${type} does not say ${key}`;
  }
}

function* versionsArePinned({ required }: PackerTemplate): Iterable<string> {
  if (required["required_version"] !== ">= 1.14.0") yield "required_version is not >= 1.14.0";
  const [plugins] = required["required_plugins"] as readonly Readonly<Record<string, Block>>[];
  if (plugins?.["proxmox"]?.["version"] !== "= 1.2.4") yield "the plugin is not pinned to 1.2.4";
}

/** When it runs out during the clone, the half-made machine stays; the plugin's default is 60 s. */
function* tasksMayTakeLong({ sources }: PackerTemplate): Iterable<string> {
  for (const [type, source] of Object.entries(sources)) {
    const minutes = /^(\d+)m$/.exec(String(source["task_timeout"]))?.[1];
    if (minutes === undefined || Number(minutes) < 30) yield `${type} has a task_timeout below 30m`;
  }
}

/** Of two machines with one name the plugin takes one without a word. */
function* baseIsNamedById({ sources }: PackerTemplate): Iterable<string> {
  const clone = sources["proxmox-clone"] ?? {};
  if (clone["clone_vm"] !== undefined) yield "the base is named by clone_vm";
  if (clone["clone_vm_id"] === undefined) yield "clone_vm_id is missing";
}

/** It would add an empty disk instead of resizing the base's. */
function* cloneHasNoDisks({ sources }: PackerTemplate): Iterable<string> {
  if (sources["proxmox-clone"]?.["disks"] !== undefined) yield "proxmox-clone has a disks block";
}

function* onlyKeysLogIn({ sources, code }: PackerTemplate): Iterable<string> {
  for (const [type, source] of Object.entries(sources)) {
    if (source["communicator"] !== "ssh") yield `${type} does not use ssh`;
    if (source["ssh_username"] !== "root") yield `${type} does not log in as root`;
  }
  if (/password/i.test(code)) yield "there is a password";
}

/** Endpoint and token come from PROXMOX_URL, PROXMOX_USERNAME and PROXMOX_TOKEN. */
function* secretsStayInTheEnvironment({ sources, variables }: PackerTemplate): Iterable<string> {
  for (const [type, source] of Object.entries(sources)) {
    for (const key of ["proxmox_url", "username", "token"]) if (key in source) yield `${type} says ${key}`;
  }
  for (const name of Object.keys(variables)) {
    if (/token|secret|passw/i.test(name)) yield `variable ${name} would hold a secret`;
  }
}

function* installerIsPinned({ sources, variables }: PackerTemplate): Iterable<string> {
  const [iso] = (sources["proxmox-iso"]?.["boot_iso"] ?? []) as readonly Block[];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of HCL
  if (iso?.["iso_checksum"] !== "sha256:${var.iso_sha256}") yield "iso_checksum is no literal sha256";
  if (!conditionOf(variables, "iso_sha256").includes("^[0-9a-f]{64}$")) yield "iso_sha256 may be anything";
  const urls = conditionOf(variables, "iso_url");
  if (!urls.includes("[^?#]+")) yield "iso_url may have a query, on which the plugin crashes";
  if (!urls.includes("nixos-minimal-[0-9]")) yield "iso_url may be the latest installer, whichever that is";
}

function conditionOf(variables: PackerTemplate["variables"], name: string): string {
  const [validation] = (variables[name]?.["validation"] ?? []) as readonly Block[];
  return String(validation?.["condition"]);
}

/** With enrolled keys an unsigned boot loader does not start. */
function* secureBootIsOff({ sources }: PackerTemplate): Iterable<string> {
  const efi = JSON.stringify(sources["proxmox-iso"]?.["dynamic"] ?? {});
  if (!efi.includes('"pre_enrolled_keys":false')) yield "the EFI disk has enrolled keys";
}

function* nothingIsForced({ code, variables }: PackerTemplate): Iterable<string> {
  if (/\bforce\b/i.test(code)) yield "something is forced";
  for (const name of ["vm_id", "template_name"]) {
    if (variables[name]?.["default"] !== undefined)
      yield `${name} has a default, so a build could meet the last one`;
  }
}

/** What runs after it leaves traces in the template; both sources need it. */
function* cleanUpComesLast({ provisioners }: PackerTemplate): Iterable<string> {
  const last = provisioners.at(-1)?.block ?? {};
  if (!String(last["script"]).endsWith("/scripts/cleanup-template.sh"))
    yield "the last provisioner does not clean up";
  if (last["only"] !== undefined || last["except"] !== undefined) yield "only some sources are cleaned";
}

/** Packer's own value is right; one that is set renders as `<no value>`. */
function* httpAddressIsPackers({ code }: PackerTemplate): Iterable<string> {
  if (code.includes("PACKER_HTTP")) yield "PACKER_HTTP_ADDR is overridden";
}

/** They need Datastore.Allocate for their removal, which is noticed after the whole build. */
function* noExtraDrives({ code }: PackerTemplate): Iterable<string> {
  if (/\bcd_(?:files|content)\b/.test(code)) yield "there is a drive made of files";
}

function* resultIsRecorded({ postProcessors }: PackerTemplate): Iterable<string> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of HCL
  if (!JSON.stringify(postProcessors).includes('"output":"${var.manifest}"')) yield "there is no manifest";
}

/** A bridge's network that is not at hand is the same for both. */
function* bastionIsForBoth({ sources }: PackerTemplate): Iterable<string> {
  for (const [type, source] of Object.entries(sources))
    for (const [key, part] of Object.entries(bastion)) {
      if (source[key] !== `\${try(var.bastion.${part}, null)}`) yield `${type} leaves ${key} out`;
    }
}

const bastion = {
  ssh_bastion_host: "host",
  ssh_bastion_port: "port",
  ssh_bastion_username: "username",
  ssh_bastion_private_key_file: "private_key_file",
};

/** Every rule, by the fact it stands for. */
export const packerRules: Readonly<Record<string, PackerRule>> = {
  hardwareIsSaid,
  versionsArePinned,
  tasksMayTakeLong,
  baseIsNamedById,
  cloneHasNoDisks,
  onlyKeysLogIn,
  secretsStayInTheEnvironment,
  installerIsPinned,
  secureBootIsOff,
  nothingIsForced,
  cleanUpComesLast,
  httpAddressIsPackers,
  noExtraDrives,
  resultIsRecorded,
  bastionIsForBoth,
};
