import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type GuestLab, openGuestLab } from "./guest-lab.ts";

let lab: GuestLab;
beforeEach(async () => {
  lab = await openGuestLab();
  await lab.bootUntilReachable();
});
afterEach(() => lab.stop());

const inside = (path: string): string => join(lab.folder, "machines/101", path);
const content = "0123456789abcdef\n".repeat(100_000);

/** Runs scp, with the protocol of old by `-O`, or the one of today. */
function scp(...words: readonly string[]) {
  return execa("scp", ["-q", "-F", join(lab.folder, "ssh_config"), ...words], {
    reject: false,
    timeout: 20_000,
  });
}

function sftp(...commands: readonly string[]) {
  const options = ["-q", "-b", "-", "-F", join(lab.folder, "ssh_config"), "web-1"];
  return execa("sftp", options, { reject: false, timeout: 20_000, input: `${commands.join("\n")}\n` });
}

test.for([["-O"], ["-s"]])(
  "scp %s brings a folder in and a file out, below the machine's own root",
  async ([protocol = ""]) => {
    mkdirSync(join(lab.folder, "given/deep"), { recursive: true });
    writeFileSync(join(lab.folder, "given/deep/file"), content, { mode: 0o640 });
    const sent = await scp(protocol, "-r", join(lab.folder, "given"), "web-1:/var/lib");
    expect(sent.exitCode, sent.stderr).toBe(0);
    expect(readFileSync(inside("var/lib/given/deep/file"), "utf8") === content).toBe(true);
    expect(existsSync("/var/lib/given")).toBe(false);
    const fetched = await scp(protocol, "web-1:/var/lib/given/deep/file", join(lab.folder, "back"));
    expect(fetched.exitCode, fetched.stderr).toBe(0);
    expect(readFileSync(join(lab.folder, "back"), "utf8") === content).toBe(true);
  },
);

test("sftp lists, renames, changes modes and removes, and says what is not there", async () => {
  writeFileSync(join(lab.folder, "file"), "text");
  const done = await sftp(
    "pwd",
    "mkdir work",
    `put "${join(lab.folder, "file")}" work/a`,
    "chmod 600 work/a",
    "rename work/a work/b",
    "ls -l /root/work",
  );
  expect(done.exitCode, done.stderr).toBe(0);
  expect(done.stdout).toContain("Remote working directory: /root");
  expect(readdirSync(inside("root/work"))).toEqual(["b"]);
  expect(statSync(inside("root/work/b")).mode & 0o777).toBe(0o600);
  expect((await sftp("rm work/b", "rmdir work")).exitCode).toBe(0);
  expect(existsSync(inside("root/work"))).toBe(false);
  expect((await sftp("get /etc/nothing")).stderr).toContain("not found");
  expect((await sftp("ls /../../..")).stdout).toContain("etc");
});
