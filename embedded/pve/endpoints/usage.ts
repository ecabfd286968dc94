import { loadAt, usageCurve } from "../reports/usage-curve.ts";
import { vmStatus } from "../reports/vm-status.ts";
import type { Vm } from "../state/vm.ts";
import { type Call, type EndpointTable, text } from "./endpoint.ts";
import { vmOf } from "./vm-call.ts";

const kibibyte = 1024;
const pressures = ["pressurecpusome", "pressurecpufull", "pressureiosome", "pressureiofull"];
const memoryPressures = ["pressurememorysome", "pressurememoryfull"];

function fill(names: readonly string[], value: number): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, value]));
}

/** A figure is the average of a minute that was watched as a whole. */
const watchSeconds = 60;

/** From when on there are figures of a machine, in seconds. */
function watchedFrom({ config }: Vm): number {
  const createdAt = /\bctime=(\d+)/.exec(String(config["meta"]))?.[1] ?? Number.POSITIVE_INFINITY;
  return Number(createdAt) + watchSeconds;
}

/** Traffic and load of a machine while it ran. */
function activity(name: string, maxmem: number, time: number): Record<string, number> {
  const load = loadAt(name, time);
  const mem = Math.round(maxmem * (0.3 + 0.4 * load));
  return {
    cpu: load,
    mem,
    memhost: mem,
    netin: 40 * kibibyte * load,
    netout: 25 * kibibyte * load,
    diskread: 10 * kibibyte * load,
    diskwrite: 60 * kibibyte * load,
    ...fill(pressures, load / 10),
    ...fill(memoryPressures, 0),
  };
}

const idle = {
  ...fill(["cpu", "mem", "memhost", "netin", "netout", "diskread", "diskwrite"], 0),
  ...fill([...pressures, ...memoryPressures], 0),
};

/** A machine has figures from its first whole minute on; while it is off they are 0. */
function vmUsage(call: Call): unknown[] {
  const { cluster } = call;
  const vm = vmOf(call);
  const status = vmStatus(cluster, vm);
  const sizes = { maxcpu: Number(status["cpus"]), maxmem: Number(status["maxmem"]) };
  const disk = { maxdisk: Number(status["maxdisk"]), disk: 0 };
  const startedAt = (vm.process?.startedAtMs ?? Number.POSITIVE_INFINITY) / 1000;
  const measure = (time: number) => {
    if (time < watchedFrom(vm)) return undefined;
    const used = time < startedAt ? idle : activity(`vm ${vm.vmid}`, sizes.maxmem, time);
    return { ...sizes, ...disk, ...used };
  };
  return usageCurve(text(call, "timeframe"), cluster.clock.nowSeconds(), measure);
}

/** A node has figures since it booted. */
function nodeUsage(call: Call): unknown[] {
  const { cluster } = call;
  const node = cluster.nodes.get(text(call, "node"));
  const memtotal = node?.memoryBytes ?? 0;
  const bootedAt = cluster.clock.nowSeconds() - Math.floor(cluster.clock.ticks() / 100);
  const measure = (time: number) => {
    if (time < bootedAt) return undefined;
    const load = loadAt(`node ${node?.name}`, time);
    const memused = Math.round(memtotal * (0.2 + 0.3 * load));
    return {
      cpu: load,
      maxcpu: node?.cpus ?? 0,
      loadavg: load * (node?.cpus ?? 0),
      iowait: load / 50,
      memtotal,
      memused,
      memavailable: memtotal - memused,
      ...fill(["swaptotal", "swapused", "arcsize", "roottotal", "rootused"], 0),
      netin: 200 * kibibyte * load,
      netout: 150 * kibibyte * load,
      ...fill(["pressurecpusome", "pressureiosome", "pressureiofull"], load / 20),
      ...fill(memoryPressures, 0),
    };
  };
  return usageCurve(text(call, "timeframe"), cluster.clock.nowSeconds(), measure);
}

export const usageEndpoints: EndpointTable = {
  "GET /nodes/{node}/rrddata": nodeUsage,
  "GET /nodes/{node}/qemu/{vmid}/rrddata": vmUsage,
};
