import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { connect, type GuestConnection } from "../../guests/connection.ts";
import { findHostKey } from "../../guests/host-key.ts";
import { readSshSettings } from "../../guests/read-ssh-settings.ts";
import { runOnGuest } from "../../guests/run-on-guest.ts";
import { guest, openSshLab, type SshLab, startBastion } from "./ssh-lab.ts";

let lab: SshLab;

beforeAll(async () => {
  lab = await openSshLab();
});

afterAll(() => lab?.stop());

/** Logs in by the configuration; logged out after the test. */
async function login(configFile: string, hostKey = lab.hostKey): Promise<GuestConnection> {
  const settings = await readSshSettings(guest, configFile);
  const connection = await connect(guest, { settings, hostKey, timeoutMs: 10_000 });
  onTestFinished(() => connection.close());
  return connection;
}

async function shows(connection: GuestConnection, line: string): Promise<string> {
  return (await runOnGuest(connection, { line, timeoutMs: 10_000 })).stdout.text();
}

test("the user's ssh configuration says where a machine is and which key opens it", async () => {
  expect(await shows(await login(lab.config(lab.direct)), "echo hello")).toBe("hello\n");
});

test("keys of the agent are offered, and only those that IdentitiesOnly allows", async () => {
  const socket = join(lab.root, "agent");
  const agent = execa("ssh-agent", ["-D", "-a", socket], { reject: false });
  onTestFinished(() => void agent.kill());
  const add = (file: string) => execa("ssh-add", [file], { env: { SSH_AUTH_SOCK: socket }, reject: false });
  await expect.poll(async () => (await add(lab.keyFile)).exitCode, { timeout: 10_000 }).toBe(0);
  const place = ["HostName 127.0.0.1", `Port ${lab.server.port}`, `IdentityAgent ${socket}`];

  const none = join(lab.root, "no-such-key");
  expect(await shows(await login(lab.config([...place, `IdentityFile ${none}`])), "echo in")).toBe("in\n");

  const narrow = [...place, "IdentitiesOnly yes"];
  const publicOnly = join(lab.root, "public-only");
  writeFileSync(`${publicOnly}.pub`, readFileSync(`${lab.keyFile}.pub`));
  const named = await login(lab.config([...narrow, `IdentityFile ${publicOnly}`]));
  expect(await shows(named, "echo named")).toBe("named\n");
  await expect(login(lab.config([...narrow, `IdentityFile ${none}`]))).rejects.toMatchObject({
    code: "SSH_REFUSED",
    message: expect.stringContaining("refuses the login with every key that was offered"),
  });
});

test("a key with a passphrase is not asked for: the failure says that ssh-agent can use it", async () => {
  const locked = await lab.newKey("id_locked");
  await execa("ssh-keygen", ["-q", "-p", "-P", "", "-N", "a passphrase", "-f", locked]);
  const config = lab.config([...lab.direct.slice(0, 2), `IdentityFile ${locked}`, "IdentityAgent none"]);
  await expect(login(config)).rejects.toMatchObject({
    code: "SSH_REFUSED",
    message: expect.stringMatching(/There is no key to log in .*id_locked has a passphrase/),
  });
});

test("another host key than the pinned one ends the login before any key of the user's is offered", async () => {
  const other = findHostKey(readFileSync(`${await lab.newKey("other_host")}.pub`, "utf8")) ?? "";
  await expect(login(lab.config(lab.direct), other)).rejects.toMatchObject({
    code: "HOST_KEY_CHANGED",
    message: expect.stringMatching(
      /shows the host key SHA256:\S+, but the one of this machine is SHA256:\S+\.$/,
    ),
  });
});

test("a machine behind bastions is reached as ssh would, and its own key is still the pinned one", async () => {
  const bastion = await startBastion(lab);
  onTestFinished(() => bastion.stop());
  const before = [
    "Host gate",
    "HostName 127.0.0.1",
    `Port ${bastion.port}`,
    "User carol",
    `IdentityFile "${lab.keyFile}"`,
    "StrictHostKeyChecking no",
    "UserKnownHostsFile /dev/null",
  ];
  const config = lab.config([...lab.direct, "ProxyJump gate"], before);
  expect(await shows(await login(config), "echo through")).toBe("through\n");
  expect(bastion.asked).toEqual([`127.0.0.1:${lab.server.port}`]);
  const other = findHostKey(readFileSync(`${await lab.newKey("bad_host")}.pub`, "utf8")) ?? "";
  await expect(login(config, other)).rejects.toMatchObject({ code: "HOST_KEY_CHANGED" });
});

test("a ProxyCommand carries the connection, and one that fails is told in its own words", async () => {
  const relay = `'${process.execPath}' -e 'const s = net.connect(+process.argv[1], process.argv[2]); process.stdin.pipe(s).pipe(process.stdout)' %p %h`;
  expect(await shows(await login(lab.config([...lab.direct, `ProxyCommand ${relay}`])), "echo relayed")).toBe(
    "relayed\n",
  );
  const broken = lab.config([...lab.direct, "ProxyCommand echo the gate is shut >&2; false"]);
  await expect(login(broken)).rejects.toMatchObject({
    code: "SSH_REFUSED",
    message: expect.stringContaining("the gate is shut"),
  });
});

test("a port where nobody listens, and a configuration that ssh refuses, are told", async () => {
  const nobody = lab.config(["HostName 127.0.0.1", "Port 1", ...lab.direct.slice(2)]);
  await expect(login(nobody)).rejects.toMatchObject({
    code: "SSH_REFUSED",
    message: expect.stringMatching(/^web-1 \(101\) at root@127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/),
  });
  await expect(login(lab.config(["NoSuchOption yes"]))).rejects.toMatchObject({
    code: "SSH_REFUSED",
    message: expect.stringContaining("ssh refuses its configuration for web-1 (101)"),
  });
});

test("of a command's output the end is kept, and its exit code and signal are told apart", async () => {
  const connection = await login(lab.config(lab.direct));
  const run = (line: string) => runOnGuest(connection, { line, timeoutMs: 10_000, maxChars: 10 });
  const long = await run("printf 0123456789abcdef; echo oops >&2; exit 7");
  expect(long).toMatchObject({ exitCode: 7 });
  expect([long.stdout.text(), long.stdout.droppedChars(), long.stderr.text()]).toEqual([
    "6789abcdef",
    6,
    "oops\n",
  ]);
  expect((await run("kill -TERM $$")).exitCode).toBeUndefined();
  expect((await runOnGuest(connection, { line: "cat", input: "ä\n", timeoutMs: 10_000 })).stdout.text()).toBe(
    "ä\n",
  );
});

test("a command that does not end in time, and a connection that breaks, are failures", async () => {
  const slow = await login(lab.config(lab.direct));
  await expect(runOnGuest(slow, { line: "sleep 60", timeoutMs: 200 })).rejects.toMatchObject({
    code: "COMMAND_TIMED_OUT",
    message: expect.stringContaining("it may go on there"),
  });
  const broken = await login(lab.config(lab.direct));
  const waiting = runOnGuest(broken, { line: "sleep 60", timeoutMs: 10_000 });
  broken.client.destroy();
  await expect(waiting).rejects.toMatchObject({ code: "SSH_REFUSED" });
  await expect(runOnGuest(broken, { line: "true", timeoutMs: 10_000 })).rejects.toMatchObject({
    code: "SSH_REFUSED",
  });
});
