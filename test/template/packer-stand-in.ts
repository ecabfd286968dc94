import { spawn } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, fetch } from "undici";

// Stands in for Packer and its plugin: the calls of a recorded clone build in their order, without what happens inside
// the guest. STAND_IN says how it ends: "good", "fail" (after the clone, with an orphan left), or "hang" (until it is
// interrupted, and then as Packer does: the first process ignores SIGINT, the plugin's process cleans up).

const [command = "", ...args] = process.argv.slice(2);
const ending = process.env["STAND_IN"] ?? "good";
const log = process.env["STAND_IN_LOG"] ?? "/dev/null";

async function main(): Promise<void> {
  appendFileSync(log, `${command} ${args.join(" ")}\n`);
  if (command === "version") console.log(`Packer v${process.env["STAND_IN_VERSION"] ?? "1.14.3"}`);
  if (command === "build") await build();
  if (command === "plugin") await plugin();
}

function variables(): Record<string, string> {
  const file = args.find((argument) => argument.startsWith("-var-file="))?.slice("-var-file=".length) ?? "";
  return JSON.parse(readFileSync(file, "utf8"));
}

async function build(): Promise<void> {
  const { node, vm_id: vmId, template_name: name, base_vm_id: base, datastore, manifest = "" } = variables();
  appendFileSync(log, `variables ${JSON.stringify(variables())}\n`);
  await call("GET", "cluster/resources?type=vm");
  if (args.includes("-only=proxmox-iso.nixos")) {
    const drives = { virtio0: `${datastore}:16`, ide2: "none,media=cdrom", boot: "order=virtio0;ide2" };
    await call("POST", `nodes/${node}/qemu`, {
      vmid: vmId,
      name,
      agent: 1,
      ...drives,
      net0: "virtio,bridge=vmbr0",
    });
  } else {
    const clone = { newid: vmId, target: node, name, full: 1 };
    await call("POST", `nodes/${node}/qemu/${base}/clone`, clone);
  }
  if (ending === "fail") {
    console.error(
      `==> proxmox-clone.nixos: Error starting VM: 403 Permission check failed ${process.env["PROXMOX_TOKEN"]}`,
    );
    console.error("Build 'proxmox-clone.nixos' errored after 3 seconds 120 milliseconds");
    process.exit(1);
  }
  const machine = `nodes/${node}/qemu/${vmId}`;
  await call("PUT", `${machine}/config`, {
    description: "Packer ephemeral build VM",
    tags: "nixos;golden",
    ciuser: "root",
    ipconfig0: "ip=dhcp",
  });
  await call("POST", `${machine}/status/start`);
  if (ending === "hang") await hang(machine);
  await cleanUp(machine);
  await call("POST", `${machine}/config`, { delete: "ide2,ciuser,ipconfig0" });
  await call("POST", `${machine}/status/shutdown`);
  await call("POST", `${machine}/template`);
  await call("POST", `${machine}/config`, { description: "finished", ide0: `${datastore}:cloudinit` });
  writeFileSync(
    manifest,
    JSON.stringify({ builds: [{ builder_type: "proxmox-clone", artifact_id: String(vmId) }] }),
  );
  console.log(`--> proxmox-clone.nixos: A template was created: ${vmId}`);
}

/** What scripts/cleanup-template.sh does over SSH. */
async function cleanUp(machine: string): Promise<void> {
  const identity = '"$NIXHERD_ROOT"/etc/ssh/ssh_host_* "$NIXHERD_ROOT/etc/machine-id"';
  for (let round = 0; round < 200; round += 1) {
    const answer = await ask("POST", `${machine}/agent/exec`, { command: ["sh", "-c", `rm -f ${identity}`] });
    if (answer.ok) return;
    await sleep(50);
  }
  throw new Error("an agent that does not answer");
}

async function hang(machine: string): Promise<never> {
  process.on("SIGINT", () => undefined);
  const child = spawn(process.execPath, [import.meta.filename, "plugin", machine], { stdio: "inherit" });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  console.log("Cleanly cancelled builds after being interrupted.");
  process.exit(code ?? 1);
}

async function plugin(): Promise<void> {
  const interrupted = new Promise<void>((resolve) => process.once("SIGINT", resolve));
  console.log("Waiting for SSH to become available...");
  const wait = setInterval(() => undefined, 1000);
  await interrupted;
  clearInterval(wait);
  appendFileSync(log, "plugin was interrupted\n");
  await call("POST", `${args[0]}/status/stop`);
  await call("DELETE", `${args[0]}`);
  process.exit(1);
}

async function ask(method: string, path: string, parameters: Record<string, unknown>) {
  const {
    PROXMOX_URL: url,
    PROXMOX_USERNAME: user,
    PROXMOX_TOKEN: token,
    SSL_CERT_FILE: ca = "",
  } = process.env;
  return fetch(`${url}/${path}`, {
    method,
    headers: {
      Authorization: `PVEAPIToken=${user}=${token}`,
      ...(method === "GET" ? {} : { "Content-Type": "application/json" }),
    },
    body: method === "GET" || method === "DELETE" ? null : JSON.stringify(parameters),
    dispatcher: new Agent({ connect: { ca: readFileSync(ca) } }),
  });
}

async function call(method: string, path: string, parameters: Record<string, unknown> = {}): Promise<void> {
  const answer = await ask(method, path, parameters);
  const { data } = (await answer.json()) as { data: unknown };
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${answer.statusText}`);
  if (typeof data === "string" && data.startsWith("UPID:")) await untilEnd(data);
}

async function untilEnd(upid: string): Promise<void> {
  const {
    PROXMOX_URL: url,
    PROXMOX_USERNAME: user,
    PROXMOX_TOKEN: token,
    SSL_CERT_FILE: ca = "",
  } = process.env;
  const dispatcher = new Agent({ connect: { ca: readFileSync(ca) } });
  const headers = { Authorization: `PVEAPIToken=${user}=${token}` };
  for (let round = 0; round < 200; round += 1) {
    const answer = await fetch(`${url}/nodes/${upid.split(":")[1]}/tasks/${upid}/status`, {
      headers,
      dispatcher,
    });
    const { data } = (await answer.json()) as { data: { exitstatus?: string } };
    if (data.exitstatus === "OK") return;
    if (data.exitstatus !== undefined) throw new Error(data.exitstatus);
    await sleep(50);
  }
  throw new Error("a task that does not end");
}

await main();
