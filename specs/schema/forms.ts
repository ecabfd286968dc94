interface Form {
  readonly pattern: string;
  /** What the text must look like. Editors show it, and so do problems: "expected ...". */
  readonly patternErrorMessage: string;
}

function form(pattern: string, expected: string): Form {
  return { pattern: `^(${pattern})$`, patternErrorMessage: expected };
}

const snippet = form(
  "[A-Za-z][A-Za-z0-9._-]*:snippets/[^/\\s]+",
  'a snippet\'s volume id such as "local:snippets/web.yaml"',
);

/** Forms of texts that keys share, by Proxmox VE 9.2's API schema and the validators of bpg/proxmox 0.111.1. */
export const forms = {
  node: form("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", "a node's name: letters, digits and inner hyphens"),
  datastore: form("[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]", 'a storage\'s name such as "local-lvm"'),
  diskSlot: form(
    "scsi([0-9]|[12][0-9]|30)|virtio([0-9]|1[0-5])|sata[0-5]|ide[0-3]",
    "scsi0-30, virtio0-15, sata0-5 or ide0-3",
  ),
  cloudInitSlot: form("ide[0-3]|sata[0-5]|scsi([0-9]|[12][0-9]|30)", "ide0-3, sata0-5 or scsi0-30"),
  diskSerial: form("[A-Za-z0-9_.-]{1,20}", 'up to 20 letters, digits, "_", "." and "-"'),
  bridge: form("[A-Za-z0-9_][A-Za-z0-9_.-]*", 'a bridge\'s name such as "vmbr0"'),
  mac: form("([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", 'six bytes such as "BC:24:11:00:00:0B"'),
  pool: form("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,2}", "a pool's name, nested ones joined by /"),
  account: form("[a-z_][a-z0-9_-]{0,31}", "an account's name: lower case, no space, up to 32 characters"),
  numaDevice: form("numa[0-7]", "numa0 to numa7"),
  numberRanges: form("\\d+(-\\d+)?(;\\d+(-\\d+)?)*", 'numbers and ranges such as "0-3" or "0;2"'),
  machineType: form(
    "pc|pc(-i440fx)?-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?|q35(,viommu=(intel|virtio))?|pc-q35-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?",
    'a QEMU machine type such as "q35", "pc" or "pc-q35-9.2+pve1"',
  ),
  serialPort: form("socket|/dev/[^,\\s]+", '"socket" or a device of the node such as "/dev/ttyS0"'),
  mapping: form("[A-Za-z][A-Za-z0-9_-]+", 'a mapping\'s name: a letter, then letters, digits, "_" and "-"'),
  uuid: form("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "a UUID"),
  snippet,
  providerAttribute: form(
    "[a-z][a-z0-9_]*(\\[\\d+\\]|\\.[a-z][a-z0-9_]*)*",
    'an attribute of the provider such as "cpu" or "network_device[0].mac_address"',
  ),
  systemdUnit: form(
    "[A-Za-z0-9:_.\\\\@-]+\\.(service|socket|target|timer|mount|path|automount|swap|slice|scope|device)",
    'a unit with its kind such as "nginx.service"',
  ),
  httpUrl: form("https?://\\S+", 'a URL such as "http://127.0.0.1/"'),
  hostAndPort: form("\\S+:\\d{1,5}", 'host and port such as "127.0.0.1:5432"'),
  nixosRelease: form("[0-9]{2}\\.(05|11)", 'a release such as "26.05"'),
  commit: form("[0-9a-f]{40}", "a whole commit hash: 40 hexadecimal digits"),
  sha256: form("[0-9a-f]{64}", "a SHA-256: 64 hexadecimal digits"),
  installerUrl: form(
    "https://[^?#\\s]+/nixos-minimal-[0-9][0-9.a-z]*-x86_64-linux\\.iso",
    "an https URL of a numbered nixos-minimal-...-x86_64-linux.iso, without a query",
  ),
  buildHost: form(
    "ssh://([a-z_][a-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*",
    'a host of your ssh configuration such as "ssh://nix@builder"',
  ),
  rebootWindow: form(
    "((mon|tue|wed|thu|fri|sat|sun)(,(mon|tue|wed|thu|fri|sat|sun))* )?([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d",
    'hours in UTC, after days if it is not every day, such as "sat,sun 02:00-04:00"',
  ),
  flakeAttribute: form("[A-Za-z0-9_][A-Za-z0-9_.'-]*", "a name under nixosConfigurations"),
  siteKey: form("[A-Za-z0-9._-]+", 'letters, digits, "_", "." and "-"'),
  apiEndpoint: form(
    "https://[^\\s/@]+(/\\S*)?",
    'an https URL without credentials such as "https://pve1.example.org:8006/"',
  ),
} as const;
