import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { readCloudInit } from "../../../embedded/guest/cloud-init.ts";
import { AgentError, AgentNotRunning } from "../../../embedded/pve/guest-port.ts";
import { type GuestLab, openGuestLab, until, webMachine } from "./guest-lab.ts";

let lab: GuestLab;
afterEach(() => lab?.stop());

const answers = async (): Promise<boolean> =>
  lab.port.agent(101, "ping", {}).then(
    () => true,
    () => false,
  );

test("the agent answers some time after the machine's power came on, and not before", async () => {
  lab = await openGuestLab({ agentMs: 300 });
  await expect(lab.port.agent(101, "ping", {})).rejects.toThrow(AgentNotRunning);
  await lab.boot();
  await expect(lab.port.agent(101, "ping", {})).rejects.toThrow(AgentNotRunning);
  await until("the agent answers", answers);
  await lab.port.powerOff(101);
  await expect(lab.port.agent(101, "ping", {})).rejects.toThrow(AgentNotRunning);
});

test("the agent tells what cloud-init was told", async () => {
  lab = await openGuestLab();
  await lab.boot({
    config: {
      net0: "virtio=BC:24:11:AA:BB:01,bridge=vmbr0",
      ipconfig0: "ip=10.0.20.11/24,gw=10.0.20.1,ip6=2001:db8::11/64",
      net1: "virtio=BC:24:11:AA:BB:02,bridge=vmbr1",
      ipconfig1: "ip=dhcp",
    },
  });
  await until("the agent answers", answers);
  const interfaces = await lab.port.agent(101, "network-get-interfaces", {});
  expect(interfaces).toMatchObject([
    { name: "lo", "ip-addresses": [{ "ip-address": "127.0.0.1", "ip-address-type": "ipv4", prefix: 8 }, {}] },
    {
      name: "eth0",
      "hardware-address": "bc:24:11:aa:bb:01",
      "ip-addresses": [
        { "ip-address": "10.0.20.11", "ip-address-type": "ipv4", prefix: 24 },
        { "ip-address": "2001:db8::11", "ip-address-type": "ipv6", prefix: 64 },
      ],
    },
    { name: "eth1", "ip-addresses": [{ "ip-address": "10.201.0.101", "ip-address-type": "ipv4" }] },
  ]);
  expect(await lab.port.agent(101, "get-host-name", {})).toEqual({ "host-name": "web-1" });
});

test("the agent tells what it knows and what it can", async () => {
  lab = await openGuestLab();
  await lab.boot();
  await until("the agent answers", answers);
  expect(await lab.port.agent(101, "get-fsinfo", {})).toMatchObject([{ mountpoint: "/", type: "ext4" }]);
  expect(await lab.port.agent(101, "get-timezone", {})).toEqual({ offset: 0, zone: "UTC" });
  expect(await lab.port.agent(101, "fsfreeze-status", {})).toBe("thawed");
  expect(await lab.port.agent(101, "info", {})).toMatchObject({
    supported_commands: expect.arrayContaining([
      { name: "guest-exec-status", enabled: true, "success-response": true },
    ]),
  });
});

test("the agent reads the machine's files and no others", async () => {
  lab = await openGuestLab();
  await lab.boot();
  await until("the agent answers", answers);
  const read = (file: string): Promise<unknown> => lab.port.agent(101, "file-read", { file });
  expect(await read("/etc/ssh/ssh_host_ed25519_key.pub")).toMatchObject({
    content: expect.stringMatching(/^ssh-ed25519 /),
    "bytes-read": expect.any(Number),
  });
  await expect(read("/nothing")).rejects.toThrow(
    new AgentError("failed to open file '/nothing' (mode: 'r'): No such file or directory"),
  );
  expect(await read("/../../../../etc/os-release")).toMatchObject({
    content: expect.stringContaining("NixOS"),
  });
});

test("a command that the agent does not know is an error of the agent", async () => {
  lab = await openGuestLab();
  await lab.boot();
  await until("the agent answers", answers);
  await expect(lab.port.agent(101, "set-user-password", {})).rejects.toThrow(AgentError);
});

test("no two machines lease the same address", () => {
  const lease = (vmid: number, number: number): string | undefined =>
    readCloudInit({
      ...webMachine,
      vmid,
      config: { [`net${number}`]: "virtio,bridge=vmbr0", [`ipconfig${number}`]: "ip=dhcp" },
    }).interfaces[0]?.addresses[0]?.address;
  const door = fc.tuple(fc.integer({ min: 100, max: 65_535 }), fc.integer({ min: 0, max: 31 }));
  fc.assert(
    fc.property(door, door, ([vmid, number], [otherVmid, otherNumber]) => {
      fc.pre(vmid !== otherVmid || number !== otherNumber);
      return lease(vmid, number) !== lease(otherVmid, otherNumber);
    }),
  );
});

test("descriptions make machines misbehave", async () => {
  lab = await openGuestLab("by description");
  const config = (line: string) => ({ config: { ...webMachine.config, description: `A test\n${line}` } });
  await lab.boot(config("embedded: ignore-shutdown"));
  expect(await lab.port.shutdown(101)).toBe(false);
  await until("the agent answers", answers);
  await lab.port.powerOff(101);

  await lab.boot();
  expect(await lab.port.shutdown(101)).toBe(true);

  await lab.bootUntilReachable(config("embedded: no-agent"));
  await expect(lab.port.agent(101, "ping", {})).rejects.toThrow(AgentNotRunning);
  await lab.port.powerOff(101);

  await lab.bootUntilReachable({ config: { ...webMachine.config, agent: "0" } });
  await expect(lab.port.agent(101, "ping", {})).rejects.toThrow(AgentNotRunning);
});

test("a machine that never boots has its power on and nothing else", async () => {
  lab = await openGuestLab({ neverBoots: true, agentMs: 0, bootMs: 0 });
  await lab.boot();
  await expect(lab.port.agent(101, "ping", {})).rejects.toThrow(AgentNotRunning);
  expect((await lab.ssh("web-1", "true")).exitCode).toBe(255);
  expect(await lab.port.shutdown(101)).toBe(false);
});
