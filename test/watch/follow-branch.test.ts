import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { followBranch, readBranch } from "../../cli/pipeline/watch/follow-branch.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let folder: string;
let upstream: string;
let clone: string;
const never = new AbortController().signal;

const git = (cwd: string, ...args: string[]): string =>
  execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

/** Commits a file upstream, signed by a key where one is given, and gives the commit. */
function commit(text: string, key?: string): string {
  writeFileSync(join(upstream, "spec.json"), text);
  git(upstream, "add", ".");
  const signing = key === undefined ? ["-c", "commit.gpgsign=false"] : ["-c", `user.signingkey=${key}`];
  const sign = key === undefined ? [] : ["-S"];
  git(upstream, ...signing, "commit", "-q", ...sign, "-m", text);
  return git(upstream, "rev-parse", "HEAD");
}

function makeKey(name: string): string {
  const file = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
  return file;
}

const follow = (signedBy?: string) => followBranch(clone, readBranch("origin/main", signedBy), never);

beforeEach(() => {
  folder = temporaryFolder(onTestFinished);
  upstream = join(folder, "upstream");
  clone = join(folder, "clone");
  git(folder, "init", "-q", "-b", "main", "upstream");
  for (const [key, value] of [
    ["user.name", "ops"],
    ["user.email", "ops@example.org"],
    ["gpg.format", "ssh"],
  ] as const)
    git(upstream, "config", key, value);
  commit("first");
  git(folder, "clone", "-q", upstream, clone);
});

test("the working tree follows the branch", async () => {
  expect((await follow()).reason).toBe("Current");
  const next = commit("second");
  expect(await follow()).toMatchObject({ reason: "Updated", revision: next });
  expect(readFileSync(join(clone, "spec.json"), "utf8")).toBe("second");
  expect(await follow()).toMatchObject({ reason: "Current", revision: next });
});

test("a working tree with changes, or with commits of its own, is left alone", async () => {
  commit("second");
  writeFileSync(join(clone, "spec.json"), "by hand");
  expect((await follow()).reason).toBe("TreeChanged");
  expect(readFileSync(join(clone, "spec.json"), "utf8")).toBe("by hand");
  git(clone, "-c", "user.name=me", "-c", "user.email=me@example.org", "commit", "-q", "-a", "-m", "own");
  expect((await follow()).reason).toBe("Diverged");
});

test("a remote that cannot be reached is said, and changes nothing", async () => {
  git(clone, "remote", "set-url", "origin", join(folder, "nowhere"));
  const { reason, message } = await follow();
  expect(reason).toBe("FetchFailed");
  expect(message).not.toBe("");
});

test("only commits of allowed signers are taken", async () => {
  const [ours, theirs] = [makeKey("ours"), makeKey("theirs")];
  const signers = join(folder, "allowed_signers");
  writeFileSync(signers, `ops@example.org ${readFileSync(`${ours}.pub`, "utf8")}`);
  const first = git(clone, "rev-parse", "HEAD");
  commit("unsigned");
  expect(await follow(signers)).toMatchObject({ reason: "NotSigned", revision: first });
  commit("by somebody else", theirs);
  expect(await follow(signers)).toMatchObject({ reason: "NotSigned", revision: first });
  expect(readFileSync(join(clone, "spec.json"), "utf8")).toBe("first");
  const signed = commit("by us", ours);
  expect(await follow(signers)).toMatchObject({ reason: "Updated", revision: signed });
});

test("a signature of another kind than SSH is taken from nobody, whatever this computer trusts", async () => {
  // A program that finds every OpenPGP signature good.
  const yes = join(folder, "yes");
  writeFileSync(
    yes,
    "#!/bin/sh\ncat >/dev/null; echo; echo '[GNUPG:] GOODSIG 0 ops'; echo '[GNUPG:] TRUST_ULTIMATE 0 pgp'\n",
    {
      mode: 0o755,
    },
  );
  git(clone, "config", "gpg.program", yes);
  git(clone, "config", "gpg.openpgp.program", yes);
  const message = git(upstream, "cat-file", "commit", commit("to be signed"));
  const [head, ...body] = message.split("\n\n");
  const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n AAAA\n -----END PGP SIGNATURE-----";
  const forged = execFileSync("git", ["hash-object", "-t", "commit", "-w", "--stdin"], {
    cwd: upstream,
    input: `${head}\n${signature}\n\n${body.join("\n\n")}\n`,
    encoding: "utf8",
  }).trim();
  git(upstream, "reset", "-q", "--hard", forged);
  const signers = join(folder, "allowed_signers");
  writeFileSync(signers, "");
  git(clone, "fetch", "-q");
  expect(() => git(clone, "verify-commit", forged)).not.toThrow();
  expect((await follow(signers)).reason).toBe("NotSigned");
});

test("what is no branch of a remote is refused", () => {
  for (const text of ["main", "--upload-pack=x/main", "/main", "origin/", "origin/-x"])
    expect(() => readBranch(text, undefined), text).toThrow("is no branch of a remote");
  expect(readBranch("origin/release/26", undefined)).toMatchObject({
    remote: "origin",
    branch: "release/26",
  });
});
