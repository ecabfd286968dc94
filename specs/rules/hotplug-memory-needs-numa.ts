import { eachMachine, type Rule } from "../rule.ts";

/** Memory can be plugged in only on machines with a NUMA topology. */
export const hotplugMemoryNeedsNuma: Rule = {
  name: "hotplug-memory-needs-numa",
  check: eachMachine(function* ({ spec }) {
    if (spec.cpu.numa || !spec.hardware.hotplug?.includes("memory")) return;
    yield {
      pointer: "/hardware/hotplug",
      message: 'has "memory" without a NUMA topology (expected cpu.numa true)',
    };
  }),
};
