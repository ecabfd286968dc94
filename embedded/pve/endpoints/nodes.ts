import { hasPrivilege } from "../access/permissions.ts";
import { cpuModelsByVendor } from "../config/cpu-types.ts";
import { machineVersions } from "../config/machine-versions.ts";
import { nodeUsage } from "../reports/cluster-resources.ts";
import { type Call, type EndpointTable, text } from "./endpoint.ts";
import { versionInfo } from "./version.ts";

function listNodes({ cluster, caller }: Call): unknown[] {
  return [...cluster.nodes.values()].map(({ name, fingerprint }) => ({
    id: `node/${name}`,
    node: name,
    type: "node",
    status: cluster.downNodes.has(name) ? "offline" : "online",
    level: "",
    ssl_fingerprint: fingerprint,
    ...(hasPrivilege(cluster, caller, `/nodes/${name}`, "Sys.Audit") ? nodeUsage(cluster, name) : {}),
  }));
}

function showStatus(call: Call): Record<string, unknown> {
  const node = call.cluster.nodes.get(text(call, "node"));
  const cpus = node?.cpus ?? 0;
  const memory = node?.memoryBytes ?? 0;
  return {
    pveversion: `pve-manager/${versionInfo.version}/${versionInfo.repoid}`,
    kversion: "Linux embedded",
    "current-kernel": { sysname: "Linux", release: "embedded", version: "embedded", machine: "x86_64" },
    "boot-info": { mode: "efi" },
    cpu: 0,
    wait: 0,
    idle: 0,
    uptime: Math.floor(call.cluster.clock.ticks() / 100),
    loadavg: ["0.00", "0.00", "0.00"],
    cpuinfo: {
      cpus,
      cores: cpus,
      sockets: 1,
      mhz: "2500.000",
      model: "embedded",
      vendor: "AuthenticAMD",
      family: "25",
      flags: "aes",
      hvm: "1",
      user_hz: 100,
    },
    memory: { total: memory, used: 0, free: memory, available: memory },
    swap: { total: 0, used: 0, free: 0 },
    rootfs: { total: 0, used: 0, free: 0, avail: 0 },
    ksm: { shared: 0 },
  };
}

function listMachines(): unknown[] {
  return machineVersions.flatMap((version) => [
    { id: `pc-i440fx-${version}`, type: "i440fx", version },
    { id: `pc-q35-${version}`, type: "q35", version },
  ]);
}

function listCpus(): unknown[] {
  return Object.entries(cpuModelsByVendor).flatMap(([vendor, names]) =>
    names.map((name) => ({
      name,
      vendor,
      custom: 0,
      ...(name.startsWith("x86-64-v") ? { abstract: 1 } : {}),
    })),
  );
}

export const nodeEndpoints: EndpointTable = {
  "GET /nodes": listNodes,
  "GET /nodes/{node}/status": showStatus,
  "GET /nodes/{node}/capabilities/qemu/machines": listMachines,
  "GET /nodes/{node}/capabilities/qemu/cpu": listCpus,
};
