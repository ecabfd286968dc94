import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { onTestFinished } from "vitest";

const script = join(import.meta.dirname, "../../scripts/import-cloud-image.sh");

// Stand-ins of a node's commands, with the messages and exit codes of Proxmox VE 9. A machine is a file of its
// configuration; `full` there makes the storage run full while a disk is written, `hang` makes that take for ever.

const qm = `
case $1 in
  config) cat "$LAB/vms/$2" 2>/dev/null || { echo "Configuration file 'nodes/pve1/qemu-server/$2.conf' does not exist" >&2; exit 2; } ;;
  create) shift; id=$1; shift; : >"$LAB/vms/$id"; while (($# > 1)); do echo "\${1#--}: $2" >>"$LAB/vms/$id"; shift 2; done ;;
  set)
    id=$2; shift 2
    while (($# > 1)); do
      key=\${1#--} value=$2
      if [[ $key == delete ]]; then sed -i "/^$value:/d" "$LAB/vms/$id"; shift 2; continue; fi
      if [[ $value == *import-from=* ]]; then write_disk; value="\${value%%:*}:vm-$id-disk-0,discard=on,iothread=1,size=3G"; fi
      if [[ $value == *:cloudinit ]]; then value="\${value%%:*}:vm-$id-cloudinit,media=cdrom"; fi
      sed -i "/^$key:/d" "$LAB/vms/$id"; echo "$key: $value" >>"$LAB/vms/$id"; shift 2
    done ;;
  resize) sed -i "/^$3:/s/size=[0-9A-Z]*/size=$4/" "$LAB/vms/$2" ;;
  template) echo 'template: 1' >>"$LAB/vms/$2" ;;
  unlock) sed -i '/^lock:/d' "$LAB/vms/$2" ;;
  destroy)
    if [[ -e $LAB/linked ]]; then echo "base volume 'local-lvm:base-$2-disk-0' is still in use by linked cloned" >&2; exit 255; fi
    rm "$LAB/vms/$2" ;;
esac`;

const writeDisk = `
write_disk() {
  if [[ -e $LAB/full ]]; then echo 'unable to write: No space left on device' >&2; exit 5; fi
  if [[ -e $LAB/hang ]]; then echo 'lock: create' >>"$LAB/vms/$id"; : >"$LAB/hanging"; exec sleep 60; fi
}`;

const commands: Readonly<Record<string, string>> = {
  qm: `${writeDisk}${qm}`,
  // As Hydra's image: cloud-init drive of another node's storage, a MAC of zeros.
  qmrestore: `${writeDisk}
    id=$2
    [[ $* == *'--unique 1'* ]] || { echo 'the MAC would be there twice' >&2; exit 1; }
    printf '%s\\n' 'boot: order=virtio0' "ide2: local-lvm:vm-9999-cloudinit,media=cdrom" "virtio0: $4:vm-$id-disk-0,size=2252M" >"$LAB/vms/$id"
    write_disk`,
  // The last part of the URL is a file of the lab.
  curl: `while (($# > 1)); do [[ $1 != --output ]] || out=$2; shift; done; cp "$LAB/\${1##*/}" "$out"`,
  pvesm: `[[ $3 == good ]] || { echo "storage '$3' does not exist" >&2; exit 2; }`,
  pvesh: `[[ ! -e $LAB/vms/$4 && ! -e $LAB/elsewhere/$4 ]] || { echo "VM $4 already exists" >&2; exit 255; }; echo "$4"`,
};

export interface NodeLab {
  readonly root: string;
  /** A file with that ending, and its SHA-256. */
  image(ending: string): { readonly file: string; readonly sha256: string };
  /** Runs the script as on the node; good options besides the given ones. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): ReturnType<typeof start>;
  /** The configuration of a machine, undefined when there is none. */
  config(vmId: number): string | undefined;
  write(path: string, text: string): void;
  exists(path: string): boolean;
  /** Every call of a stand-in, a line each. */
  calls(): string[];
}

/** A node to import images on. */
export function openNodeLab(): NodeLab {
  const root = mkdtempSync(join(tmpdir(), "nixherd-node-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of ["bin", "vms", "elsewhere", "imports"]) mkdirSync(join(root, folder));
  for (const [name, body] of Object.entries(commands)) {
    const head = `#!/usr/bin/env bash\necho "${name} $*" >>"$LAB/calls"\n`;
    writeFileSync(join(root, "bin", name), `${head}${body}\n`, { mode: 0o755 });
  }
  const textOf = (path: string): string | undefined =>
    existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : undefined;
  return {
    root,
    image(ending) {
      const file = join(root, `nixos.${ending}`);
      writeFileSync(file, `an image of kind ${ending}\n`);
      return { file, sha256: createHash("sha256").update(readFileSync(file)).digest("hex") };
    },
    run: (args, env = {}) => start(root, args, env),
    config: (vmId) => textOf(`vms/${vmId}`),
    write: (path, text) => writeFileSync(join(root, path), text),
    exists: (path) => existsSync(join(root, path)),
    calls: () => (textOf("calls") ?? "").split("\n").filter((line) => line !== ""),
  };
}

function start(root: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  return execa(script, ["--vmid", "8000", "--storage", "good", ...args], {
    env: {
      PATH: `${join(root, "bin")}:${process.env["PATH"]}`,
      LAB: root,
      NIXHERD_IMPORT_FOLDER: join(root, "imports"),
      ...env,
    },
    reject: false,
    all: true,
    detached: true,
    timeout: 50_000,
  });
}
