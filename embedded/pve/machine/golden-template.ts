import { randomUUID } from "node:crypto";
import { NixherdError } from "../../../lib/errors.ts";
import { printDrive, printSize } from "../config/drives.ts";
import { randomMac } from "../config/network-device.ts";
import type { Cluster } from "../state/cluster.ts";
import type { PveStorage } from "../state/storage.ts";
import { createVm } from "../state/vm.ts";
import { createImage } from "../state/volume.ts";

/** A template that exists from the start. */
export interface TemplateOptions {
  readonly vmid: number;
  readonly name: string;
  readonly node: string;
  readonly storage: string;
  /** Slot and size of the root disk. @default virtio0, 4 GiB */
  readonly rootDiskSlot?: string;
  readonly rootDiskSizeGiB?: number;
}

const gibibyte = 1024 ** 3;

/** What a small NixOS takes on its disk. */
const systemBytes = gibibyte / 2;

function storageOf(cluster: Cluster, { storage, node }: TemplateOptions): PveStorage {
  const found = cluster.storages.get(storage);
  if (found === undefined || !cluster.nodes.has(node)) {
    throw new NixherdError("USAGE", {
      message: `The embedded template needs storage '${storage}' on node '${node}', which the cluster does not have.`,
      hint: "Name a node and a storage that the embedded cluster is started with.",
    });
  }
  return found;
}

/** Puts a golden NixOS template on the cluster: one root disk, a cloud-init drive, agent and serial console. */
export function createGoldenTemplate(cluster: Cluster, options: TemplateOptions): void {
  const storage = storageOf(cluster, options);
  const { vmid, node, name, rootDiskSlot = "virtio0", rootDiskSizeGiB = 4 } = options;
  const common = { storage, node, vmid, format: "qcow2" };
  const sizeBytes = rootDiskSizeGiB * gibibyte;
  const usedBytes = Math.min(sizeBytes, systemBytes);
  const disk = createImage(cluster, { ...common, name: `base-${vmid}-disk-0`, sizeBytes, usedBytes });
  const cloudInit = createImage(cluster, {
    ...common,
    name: `vm-${vmid}-cloudinit`,
    sizeBytes: 4 * 1024 ** 2,
  });
  createVm(cluster, vmid, node, {
    name,
    template: 1,
    tags: "nixos;template",
    ostype: "l26",
    scsihw: "virtio-scsi-single",
    cpu: "x86-64-v2-AES",
    cores: 1,
    sockets: 1,
    memory: "1024",
    agent: "1",
    serial0: "socket",
    boot: `order=${rootDiskSlot}`,
    net0: `virtio=${randomMac()},bridge=vmbr0`,
    [rootDiskSlot]: printDrive(rootDiskSlot, {
      file: disk.volid,
      discard: "on",
      iothread: "1",
      size: printSize(sizeBytes),
    }),
    ide2: `${cloudInit.volid},media=cdrom`,
    smbios1: `uuid=${randomUUID()}`,
    vmgenid: randomUUID(),
    meta: `creation-qemu=10.0.13,ctime=${cluster.clock.nowSeconds()}`,
  });
}
