import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKeyPair } from "../../../embedded/create-key-pair.ts";
import { isAlive } from "../../is-alive.ts";
import { type GuestLab, openGuestLab, until, webMachine } from "./guest-lab.ts";

let lab: GuestLab;
beforeEach(async () => {
  lab = await openGuestLab();
});
afterEach(() => lab.stop());

const portOf = (): number =>
  Number(/Port (\d+)/.exec(readFileSync(join(lab.folder, "ssh_config"), "utf8"))?.[1]);
const machineRoot = (): string => join(lab.folder, "machines/101");

test("a machine is reached by its name and by its address, with its host key checked", async () => {
  await lab.bootUntilReachable();
  expect((await lab.ssh("web-1", "hostname")).stdout).toBe("web-1");
  expect((await lab.ssh("10.0.20.11", "echo $USER")).stdout).toBe("root");
});

test("an address of no machine is refused on loopback and never looked for elsewhere", async () => {
  await lab.bootUntilReachable();
  const result = await lab.ssh("10.0.20.99", "true");
  expect(result.exitCode).toBe(255);
  expect(result.stderr).toContain("connect to host 127.0.0.1 port 1: Connection refused");
});

test("a machine without power cannot be reached", async () => {
  await lab.bootUntilReachable();
  await lab.port.powerOff(101);
  expect((await lab.ssh("web-1", "true")).exitCode).toBe(255);
});

test("the server listens on 127.0.0.1 and on no other address of the loopback network", async () => {
  await lab.bootUntilReachable();
  const open = (host: string): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ port: portOf(), host, timeout: 2000 });
      const end = (isOpen: boolean) => () => {
        socket.destroy();
        resolve(isOpen);
      };
      socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
    });
  expect(await open("127.0.0.1")).toBe(true);
  expect(await open("127.0.0.2")).toBe(false);
});

test("the host key outlives reboots and shutdowns, and is another one after destruction", async () => {
  const hostKey = async (): Promise<string> => {
    await lab.bootUntilReachable();
    return (await lab.ssh("web-1", "cat $NIXHERD_ROOT/etc/ssh/ssh_host_ed25519_key.pub")).stdout;
  };
  const first = await hostKey();
  await lab.port.powerOff(101);
  expect(await hostKey()).toBe(first);
  await lab.port.shutdown(101);
  expect(await hostKey()).toBe(first);
  await lab.port.destroy(101);
  expect(existsSync(machineRoot())).toBe(false);
  expect(await hostKey()).not.toBe(first);
});

test("keys of cloud-init and of the running NixOS may log in, others may not", async () => {
  const keys = {
    cloudInit: join(lab.folder, "a"),
    nixos: join(lab.folder, "b"),
    stranger: join(lab.folder, "c"),
  };
  const cloudInitKey = await createKeyPair(keys.cloudInit, "a b@c");
  const nixosKey = await createKeyPair(keys.nixos, "b");
  await createKeyPair(keys.stranger, "c");
  const hardware =
    "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABHNzaDo= sk";
  const sshkeys = encodeURIComponent(`${hardware}\n${cloudInitKey}\n`);
  await lab.bootUntilReachable({ config: { ...webMachine.config, sshkeys } });
  writeFileSync(join(machineRoot(), "run/current-system/keys"), `${nixosKey}\n`);
  const login = async (key: string): Promise<number | undefined> => {
    const options = [
      "-o",
      "StrictHostKeyChecking=accept-new",
      "-o",
      `UserKnownHostsFile=${keys.cloudInit}.known_hosts`,
      "-o",
      "IdentitiesOnly=yes",
    ];
    const target = ["-p", String(portOf()), "root@127.0.0.1", "true"];
    const batch = ["-F", "/dev/null", "-o", "BatchMode=yes"];
    return (await execa("ssh", [...batch, ...options, "-i", key, ...target], { reject: false })).exitCode;
  };
  expect(await login(keys.cloudInit)).toBe(0);
  expect(await login(keys.nixos)).toBe(0);
  expect(await login(keys.stranger)).toBe(255);
});

test("only the user of the cloud-init settings may log in", async () => {
  await lab.bootUntilReachable({ config: { ...webMachine.config, ciuser: "ops" } });
  expect((await lab.ssh("web-1", "echo $USER $HOME")).stdout).toBe(`ops ${machineRoot()}/home/ops`);
  expect((await lab.ssh("-l", "root", "web-1", "true")).stderr).toContain("Permission denied");
});

test("a command's exit code, output and error output come back apart", async () => {
  await lab.bootUntilReachable();
  const result = await lab.ssh("web-1", "echo out; echo err >&2; exit 42");
  expect(result).toMatchObject({ exitCode: 42, stdout: "out", stderr: "err" });
});

test("a megabyte goes in and comes out unchanged", async () => {
  await lab.bootUntilReachable();
  const input = Buffer.alloc(1024 * 1024, "0123456789abcdef\n").toString();
  const config = ["-F", join(lab.folder, "ssh_config"), "web-1", "cat"];
  const { stdout } = await execa("ssh", config, { input, stripFinalNewline: false });
  expect(stdout === input).toBe(true);
});

test("a command whose client goes away is ended", async () => {
  await lab.bootUntilReachable();
  const client = execa(
    "ssh",
    ["-F", join(lab.folder, "ssh_config"), "web-1", "echo $$ >$HOME/pid; sleep 3600"],
    {
      reject: false,
    },
  );
  const pidFile = join(machineRoot(), "root/pid");
  await until("the command runs", async () => existsSync(pidFile) && readFileSync(pidFile, "utf8") !== "");
  client.kill("SIGKILL");
  const pid = Number(readFileSync(pidFile, "utf8"));
  await until("the command has ended", async () => !isAlive(pid));
});

test("nothing of the host's environment reaches the machine", async () => {
  process.env["PROXMOX_VE_API_TOKEN"] = "root@pam!x=secret";
  try {
    await lab.bootUntilReachable();
    const { stdout } = await lab.ssh("web-1", "env");
    expect(stdout).toContain("NIXHERD_ROOT=");
    expect(stdout).not.toContain("PROXMOX_VE");
  } finally {
    delete process.env["PROXMOX_VE_API_TOKEN"];
  }
});

test("a transient unit outlives the connection, and ends with the machine's power", async () => {
  await lab.bootUntilReachable();
  const unit = "systemd-run --unit=long --quiet /bin/sh -c 'echo $$ >$HOME/pid; sleep 3600'";
  expect((await lab.ssh("web-1", unit)).exitCode).toBe(0);
  const pidFile = join(machineRoot(), "root/pid");
  await until("the unit runs", async () => existsSync(pidFile) && readFileSync(pidFile, "utf8") !== "");
  const pid = Number(readFileSync(pidFile, "utf8"));
  expect((await lab.ssh("web-1", "systemctl is-active long")).stdout).toBe("active");
  await lab.port.powerOff(101);
  await until("the unit has ended", async () => !isAlive(pid));
  await lab.bootUntilReachable();
  expect((await lab.ssh("web-1", "systemctl is-active long")).stdout).toBe("inactive");
});

test("ssh_config is whole at every moment while machines come and go", async () => {
  const file = join(lab.folder, "ssh_config");
  let isDone = false;
  let reads = 0;
  const reader = (async () => {
    while (!isDone) {
      expect(readFileSync(file, "utf8")).toMatch(/^# .*\nHost \*\n {2}HostName 127\.0\.0\.1\n {2}Port 1\n$/s);
      reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const vmids = Array.from({ length: 8 }, (_, index) => 200 + index);
  await Promise.all(vmids.map((vmid) => lab.boot({ vmid, name: `vm-${vmid}` })));
  await Promise.all(vmids.map((vmid) => lab.port.destroy(vmid)));
  isDone = true;
  await reader;
  expect(reads).toBeGreaterThan(0);
});
