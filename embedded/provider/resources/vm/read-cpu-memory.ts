import { type BlockReader, differsFrom, recordBlock } from "./block-reader.ts";
import { parseProperties } from "./property-string.ts";
import { isOn } from "./read-values.ts";

/** The cpu block. */
export function readCpu(reader: BlockReader): void {
  const { config } = reader;
  const emulation = typeof config["cpu"] === "string" ? parseProperties(config["cpu"], "cputype") : undefined;
  const flags = (emulation?.get("flags") ?? "").split(";").filter((flag) => flag !== "");
  const plain = {
    architecture: String(config["arch"] ?? ""),
    cores: Number(config["cores"] ?? 1),
    hotplugged: Number(config["vcpus"] ?? 0),
    limit: Number(config["cpulimit"] ?? 0),
    sockets: Number(config["sockets"] ?? 1),
    type: emulation?.get("cputype") ?? (emulation === undefined ? "qemu64" : ""),
    units: Number(config["cpuunits"] ?? 0),
  };
  const block = {
    ...plain,
    numa: isOn(config["numa"]),
    affinity: String(config["affinity"] ?? ""),
    flags,
  };
  recordBlock(reader, "cpu", block, flags.length > 0 || differsFrom(usualCpu, block));
}

const usualCpu = {
  architecture: "",
  cores: 1,
  hotplugged: 0,
  limit: 0,
  sockets: 1,
  type: "qemu64",
  units: 0,
};

/** The memory block, in MiB. */
export function readMemory(reader: BlockReader): void {
  const { config } = reader;
  const shared = parseProperties(String(config["ivshmem"] ?? "")).get("size");
  const block = {
    dedicated: Number(config["memory"] ?? 0),
    floating: Number(config["balloon"] ?? 0),
    shared: Number(shared ?? 0),
    hugepages: String(config["hugepages"] ?? ""),
    keep_hugepages: isOn(config["keephugepages"]),
  };
  // A flag that the server names at all counts as unusual, whatever its value.
  const isUnusual = config["keephugepages"] !== undefined || differsFrom(usualMemory, block);
  recordBlock(reader, "memory", block, isUnusual);
}

const usualMemory = { dedicated: 512, floating: 0, shared: 0, hugepages: "" };
