import { eachMachine, type Rule } from "../rule.ts";

/** No more processors are plugged in than the machine has. */
export const vcpusWithinCores: Rule = {
  name: "vcpus-within-cores",
  check: eachMachine(function* ({ spec: { cpu } }) {
    const total = cpu.cores * cpu.sockets;
    if (cpu.vcpus === undefined || cpu.vcpus <= total) return;
    const message = `is more than cores x sockets (expected at most ${total}, got ${cpu.vcpus})`;
    yield { pointer: "/cpu/vcpus", message };
  }),
};
