import type { Value } from "../../wire/value.ts";
import type { PropertyTable } from "./property-string.ts";

const isEmpty = (value: Value): boolean => value === "" || value === 0;
const isNegative = (value: Value): boolean => typeof value === "number" && value < 0;

/** Devices whose block is written as one property string; the keys' order is the real provider's. */
export const propertyTables = {
  agent: {
    mainKey: "enabled",
    properties: [
      { key: "enabled", attribute: "enabled", kind: "flag", absent: false },
      { key: "fstrim_cloned_disks", attribute: "trim", kind: "flag", absent: false },
      { key: "type", attribute: "type", kind: "text", absent: "virtio" },
    ],
  },
  amdSev: {
    mainKey: "type",
    properties: [
      { key: "type", attribute: "type", kind: "text" },
      { key: "allow-smt", attribute: "allow_smt", kind: "flag", absent: false },
      { key: "kernel-hashes", attribute: "kernel_hashes", kind: "flag", absent: false },
      { key: "no-debug", attribute: "no_debug", kind: "flag", absent: false },
      { key: "no-key-sharing", attribute: "no_key_sharing", kind: "flag", absent: false },
    ],
  },
  audio: {
    properties: [
      { key: "device", attribute: "device", kind: "text" },
      { key: "driver", attribute: "driver", kind: "text", absent: "" },
    ],
  },
  hostPci: {
    mainKey: "host",
    properties: [
      { key: "host", attribute: "id", kind: "text", absent: "", skip: isEmpty },
      { key: "mapping", attribute: "mapping", kind: "text", absent: "", skip: isEmpty },
      { key: "mdev", attribute: "mdev", kind: "text", absent: "", skip: isEmpty },
      { key: "pcie", attribute: "pcie", kind: "flag", absent: false },
      { key: "rombar", attribute: "rombar", kind: "flag", absent: true },
      { key: "romfile", attribute: "rom_file", kind: "text", absent: "", skip: isEmpty },
      { key: "x-vga", attribute: "xvga", kind: "flag", absent: false },
    ],
  },
  numa: {
    properties: [
      { key: "cpus", attribute: "cpus", kind: "text" },
      { key: "hostnodes", attribute: "hostnodes", kind: "text", skip: isEmpty },
      { key: "memory", attribute: "memory", kind: "number" },
      { key: "policy", attribute: "policy", kind: "text" },
    ],
  },
  rng: {
    mainKey: "source",
    properties: [
      { key: "source", attribute: "source", kind: "text", skip: isEmpty },
      { key: "max_bytes", attribute: "max_bytes", kind: "number" },
      { key: "period", attribute: "period", kind: "number" },
    ],
  },
  startup: {
    properties: [
      { key: "order", attribute: "order", kind: "number", absent: -1, skip: isNegative },
      { key: "up", attribute: "up_delay", kind: "number", absent: -1, skip: isNegative },
      { key: "down", attribute: "down_delay", kind: "number", absent: -1, skip: isNegative },
    ],
  },
  usb: {
    mainKey: "host",
    properties: [
      { key: "host", attribute: "host", kind: "text", absent: "", skip: isEmpty },
      { key: "mapping", attribute: "mapping", kind: "text", absent: "", skip: isEmpty },
      { key: "usb3", attribute: "usb3", kind: "flag", absent: false },
    ],
  },
  vga: {
    mainKey: "type",
    properties: [
      { key: "clipboard", attribute: "clipboard", kind: "text", absent: "", skip: isEmpty },
      { key: "memory", attribute: "memory", kind: "number", absent: 16, skip: isEmpty },
      { key: "type", attribute: "type", kind: "text", skip: isEmpty },
    ],
  },
  virtiofs: {
    mainKey: "dirid",
    properties: [
      { key: "dirid", attribute: "mapping", kind: "text" },
      { key: "cache", attribute: "cache", kind: "text", absent: "auto", skip: isEmpty },
      { key: "direct-io", attribute: "direct_io", kind: "flag", absent: false },
      { key: "expose-acl", attribute: "expose_acl", kind: "flag", absent: false },
      { key: "expose-xattr", attribute: "expose_xattr", kind: "flag", absent: false },
    ],
  },
  watchdog: {
    mainKey: "model",
    properties: [
      { key: "model", attribute: "model", kind: "text", absent: "i6300esb" },
      { key: "action", attribute: "action", kind: "text", absent: "none" },
    ],
  },
} as const satisfies Record<string, PropertyTable>;
