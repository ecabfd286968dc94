import { objectSection, type Section } from "../../legacy/section.ts";
import { flagText } from "./property-string.ts";
import type { VmOperation } from "./vm-operation.ts";

type Values = Map<string, string>;

/** The defaults of an absent cpu block. */
export const defaultCpu = objectSection({
  architecture: "",
  cores: 1,
  flags: [],
  hotplugged: 0,
  limit: 0,
  numa: false,
  sockets: 1,
  type: "qemu64",
  units: 0,
  affinity: "",
});

/** The defaults of an absent memory block. */
export const defaultMemory = objectSection({
  dedicated: 512,
  floating: 0,
  shared: 0,
  hugepages: "",
  keep_hugepages: false,
});

/** `cores`, `sockets`, `numa`, `cpu` and what else is not at its default. */
export function addCpu(values: Values, cpu: Section): void {
  if (cpu.text("architecture") !== "") values.set("arch", cpu.text("architecture"));
  values.set("cores", String(cpu.number("cores")));
  values.set("sockets", String(cpu.number("sockets")));
  values.set("numa", flagText(cpu.flag("numa")));
  const flags = cpu.texts("flags");
  const type = cpu.text("type");
  values.set("cpu", flags.length === 0 ? type : `cputype=${type},flags=${flags.join(";")}`);
  if (cpu.number("hotplugged") > 0) values.set("vcpus", String(cpu.number("hotplugged")));
  if (cpu.number("limit") > 0) values.set("cpulimit", String(cpu.number("limit")));
  if (cpu.number("units") > 0) values.set("cpuunits", String(cpu.number("units")));
}

/** Throws when the configuration names an architecture and this is not a login of root. */
export async function requireRootForArchitecture({ data, session, deadline }: VmOperation): Promise<void> {
  const architecture = data.now.block("cpu")?.text("architecture") ?? "";
  if (architecture === "" || (await session.api.authenticator.isRootTicket(deadline))) return;
  throw new Error(
    "the `cpu.architecture` can only be set by the root account. Please switch to the root account or remove the `cpu.architecture` from the VM configuration",
  );
}

/** `memory`, `balloon` (0 switches ballooning off) and `ivshmem`. */
export function addMemory(values: Values, memory: Section, vmid: number): void {
  values.set("memory", String(memory.number("dedicated")));
  values.set("balloon", String(memory.number("floating")));
  if (memory.number("shared") > 0) {
    values.set("ivshmem", `size=${memory.number("shared")},name=vm-${vmid}-ivshmem`);
  }
}
