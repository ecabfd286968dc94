import { createHash } from "node:crypto";
import { badParameters } from "../http/api-error.ts";
import { checkUnchanged } from "../sections/section-file.ts";
import { type NodeSettings, settingsOfNode } from "../state/datacenter.ts";
import { type Call, type EndpointTable, optionalText, text } from "./endpoint.ts";

function settingsOf(call: Call): NodeSettings {
  return settingsOfNode(call.cluster.datacenter, text(call, "node"));
}

function sha1(content: string): string {
  return createHash("sha1").update(content).digest("hex");
}

function readHosts(call: Call): Record<string, unknown> {
  const { hosts } = settingsOf(call);
  return { data: hosts, digest: sha1(hosts) };
}

function writeHosts(call: Call): null {
  const settings = settingsOf(call);
  checkUnchanged(sha1(settings.hosts), optionalText(call, "digest"));
  settings.hosts = text(call, "data");
  return null;
}

function readDns(call: Call): Record<string, unknown> {
  return settingsOf(call).dns ?? { dns1: call.cluster.nodes.get(text(call, "node"))?.nameserver };
}

/** Everything that is not sent is removed. */
function writeDns(call: Call): null {
  const names = ["search", "dns1", "dns2", "dns3"];
  const sent = names.flatMap((name) => {
    const value = optionalText(call, name);
    return value === undefined || value === "" ? [] : [[name, value]];
  });
  settingsOf(call).dns = Object.fromEntries(sent);
  return null;
}

/** How far a zone is ahead of UTC at a moment, in seconds. */
function offsetSeconds(timeZone: string, nowSeconds: number): number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  const name = format.formatToParts(nowSeconds * 1000).find(({ type }) => type === "timeZoneName")?.value;
  const [, sign = "+", hours = "0", minutes = "0"] = /GMT([+-])(\d+):(\d+)/.exec(name ?? "") ?? [];
  const seconds = Number(hours) * 3600 + Number(minutes) * 60;
  return sign === "-" ? -seconds : seconds;
}

function readTime(call: Call): Record<string, unknown> {
  const { timezone } = settingsOf(call);
  const time = call.cluster.clock.nowSeconds();
  return { timezone, time, localtime: time + offsetSeconds(timezone, time) };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function writeTime(call: Call): null {
  const timezone = text(call, "timezone");
  if (!isTimeZone(timezone)) throw badParameters({ timezone: "No such timezone" });
  settingsOf(call).timezone = timezone;
  return null;
}

/** Services of a node, as an installation without extra packages runs them. */
const services: Readonly<Record<string, string>> = {
  chrony: "chrony, an NTP client/server",
  corosync: "Corosync Cluster Engine",
  cron: "Regular background program processing daemon",
  postfix: "Postfix Mail Transport Agent",
  "proxmox-firewall": "Proxmox nftables firewall",
  "pve-cluster": "The Proxmox VE cluster filesystem",
  "pve-firewall": "Proxmox VE firewall",
  "pve-ha-crm": "PVE Cluster HA Resource Manager Daemon",
  "pve-ha-lrm": "PVE Local HA Resource Manager Daemon",
  pvedaemon: "PVE API Daemon",
  pveproxy: "PVE API Proxy Server",
  pvescheduler: "Proxmox VE scheduler",
  pvestatd: "PVE Status Daemon",
  qmeventd: "PVE Qemu Event Daemon",
  spiceproxy: "PVE SPICE Proxy Server",
  sshd: "OpenBSD Secure Shell server",
  "systemd-journald": "Journal Service",
};

function showService(service: string): Record<string, unknown> {
  const desc = services[service];
  const state = { state: "running", "active-state": "active", "unit-state": "enabled" };
  return { service, name: service, desc, ...state };
}

/** What the schema knows as a service is not always installed. */
function readService(call: Call): Record<string, unknown> {
  const service = text(call, "service");
  if (Object.hasOwn(services, service)) return showService(service);
  return {
    service,
    name: service,
    desc: service,
    state: "dead",
    "active-state": "inactive",
    "unit-state": "not-found",
  };
}

export const nodeSettingEndpoints: EndpointTable = {
  "GET /nodes/{node}/hosts": readHosts,
  "POST /nodes/{node}/hosts": writeHosts,
  "GET /nodes/{node}/dns": readDns,
  "PUT /nodes/{node}/dns": writeDns,
  "GET /nodes/{node}/time": readTime,
  "PUT /nodes/{node}/time": writeTime,
  "GET /nodes/{node}/services": () => Object.keys(services).map(showService),
  "GET /nodes/{node}/services/{service}/state": readService,
};
