import type { ResourceData } from "../../legacy/resource-data.ts";
import { isList, isSame, type Value } from "../../wire/value.ts";
import { addCpu, addMemory, defaultCpu, defaultMemory } from "./cpu-memory-parameters.ts";
import { isHotpluggable } from "./hotplug.ts";
import type { ConfigChange } from "./update-config-body.ts";

/** Sends the whole cpu block; only a mere change of `hotplugged` works without a power cycle. */
export function changeCpu(data: ResourceData, change: ConfigChange): void {
  if (!data.hasChanged("cpu")) return;
  const { values, removed } = change.body;
  const cpu = data.now.block("cpu") ?? defaultCpu;
  addCpu(values, cpu);
  const hasChanged = (key: string): boolean => hasInnerChange(data, "cpu", key);
  if (hasChanged("affinity")) {
    if (cpu.text("affinity") === "") removed.push("affinity");
    else values.set("affinity", cpu.text("affinity"));
  }
  if (cpu.number("hotplugged") === 0) removed.push("vcpus");
  if (cpu.number("limit") === 0) removed.push("cpulimit");
  const others = ["cores", "sockets", "type", "architecture", "numa", "flags", "affinity", "limit", "units"];
  const isLive = hasChanged("hotplugged") && !others.some(hasChanged) && isHotpluggable(data.now, "cpu");
  if (!isLive) change.needsPowerCycle = true;
}

/** Sends the whole memory block; only growing memory with hot-plug works without a power cycle. */
export function changeMemory(data: ResourceData, change: ConfigChange): void {
  if (!data.hasChanged("memory")) return;
  const { values, removed } = change.body;
  const memory = data.now.block("memory") ?? defaultMemory;
  const before = data.before.block("memory");
  addMemory(values, memory, Number(data.id));
  const hasChanged = (key: string): boolean => hasInnerChange(data, "memory", key);
  const hugepages = memory.text("hugepages");
  if (hasChanged("hugepages")) {
    if (hugepages === "") removed.push("hugepages");
    else values.set("hugepages", hugepages);
  }
  if (hasChanged("keep_hugepages")) {
    if (hugepages === "") removed.push("keephugepages");
    else values.set("keephugepages", memory.flag("keep_hugepages") ? "1" : "0");
  }
  const steps = ["dedicated", "floating", "shared"].map(
    (key) => memory.number(key) - (before?.number(key) ?? 0),
  );
  const isGrowth = steps.some((step) => step > 0) && steps.every((step) => step >= 0);
  const isLive = isGrowth && !hasChanged("hugepages") && !hasChanged("keep_hugepages");
  if (!isLive || !isHotpluggable(data.now, "memory")) change.needsPowerCycle = true;
}

// Against a block that is not there, zero values are no change.
function hasInnerChange(data: ResourceData, block: string, key: string): boolean {
  const [before, now] = [data.before.block(block)?.raw(key), data.now.block(block)?.raw(key)];
  return !isSame(before ?? zeroLike(now), now ?? zeroLike(before));
}

function zeroLike(value: Value | undefined): Value {
  if (isList(value)) return [];
  if (typeof value === "number") return 0;
  return typeof value === "boolean" ? false : "";
}
