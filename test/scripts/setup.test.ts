import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { archive, nodeSaying, openScriptLab, type ScriptLab, terraformSaying } from "./script-lab.ts";

const platform = `${process.platform}-${process.arch}`;

/** A machine on which nothing is missing, without any command that downloads. */
function completeMachine(): ScriptLab {
  const lab = openScriptLab();
  lab.command("node", nodeSaying("v24.12.0"));
  lab.command("npm", 'echo "$*" >>npm-calls; mkdir -p node_modules');
  lab.command("terraform", terraformSaying("Terraform", "1.9.0"));
  return lab;
}

function npmCalls(lab: ScriptLab): string[] {
  const file = join(lab.root, "npm-calls");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

/** What a stream has brought so far. */
function text(stream: Readable): () => string {
  let all = "";
  stream.on("data", (chunk) => {
    all += chunk;
  });
  return () => all;
}

/** The only row of the table of pinned downloads. */
function pin(lab: ScriptLab, route: string, file: string, sha256 = sha256Of(file)): void {
  lab.write("scripts/setup.d/pinned.txt", `${route} 9.9.9 ${platform} ${sha256} file://${file}\n`);
}

function sha256Of(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

describe("what is at hand", () => {
  test("is used when it is new enough, and nothing is downloaded", async () => {
    const lab = completeMachine();
    const { exitCode, stdout } = await lab.setup();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`v24.12.0 (${lab.root}/system/node)`);
    expect(stdout).toContain(`Terraform 1.9.0 (${lab.root}/system/terraform)`);
    expect(existsSync(join(lab.root, ".tools/node"))).toBe(false);
    expect(readdirSync(join(lab.root, ".tools/bin"))).toEqual([]);
  });

  test("is not installed again: npm runs once until package-lock.json changes", async () => {
    const lab = completeMachine();
    await lab.setup();
    await lab.setup();
    expect(npmCalls(lab)).toHaveLength(1);
    expect(npmCalls(lab)[0]).toMatch(/^ci --ignore-scripts /);
    lab.write("package-lock.json", "{}\n");
    await lab.setup();
    expect(npmCalls(lab)).toHaveLength(2);
  });

  test("is asked for once when two set-ups run at the same time", async () => {
    const lab = completeMachine();
    lab.command(
      "npm",
      'echo "$*" >>npm-calls; until [[ -f go ]]; do sleep 0.05; done; mkdir -p node_modules',
    );
    const setups = [lab.setup(), lab.setup(), lab.setup()];
    const said = setups.map((setup) => text(setup.all));
    await vi.waitFor(() => expect(said.filter((out) => out().includes("waiting"))).toHaveLength(2), 20_000);
    lab.write("go", "");
    const results = await Promise.all(setups);
    expect(results.map((result) => result.exitCode)).toEqual([0, 0, 0]);
    expect(npmCalls(lab)).toHaveLength(1);
  });

  test("is looked at although a set-up that was killed left its lock", async () => {
    const lab = completeMachine();
    const ended = lab.setup();
    await ended;
    symlinkSync(String(ended.pid), join(lab.root, ".tools/setup.lock"));
    expect((await lab.setup()).exitCode).toBe(0);
  });
});

describe("Node", () => {
  test("that is too old gives way to the official release in .tools", async () => {
    const lab = completeMachine();
    lab.systemCommand("curl");
    lab.command("node", nodeSaying("v20.20.2"));
    pin(lab, "node-release", archive(lab, "node", { "node-v9.9.9-any/bin/node": nodeSaying("v24.21.0") }));
    const { exitCode, stdout } = await lab.setup();
    expect(stdout).toContain(`Node v20.20.2 at ${lab.root}/system/node is older than 24.12`);
    expect(stdout).toContain(`v24.21.0 (${lab.root}/.tools/node/bin/node)`);
    expect(exitCode).toBe(0);
    expect((await lab.setup()).stdout).not.toContain("older");
  });

  test("from an archive with another checksum is refused, and nothing of it stays", async () => {
    const lab = completeMachine();
    lab.systemCommand("curl");
    lab.command("node", nodeSaying("v20.20.2"));
    const file = archive(lab, "node", { "node-v9.9.9-any/bin/node": nodeSaying("v24.21.0") });
    pin(lab, "node-release", file, "0".repeat(64));
    const { exitCode, stdout, stderr } = await lab.setup();
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`its SHA-256 is ${sha256Of(file)}, expected ${"0".repeat(64)}`);
    expect(stderr).toContain("error: Node 24.12 or newer could not be installed.\n  -> Install Node");
    expect(readdirSync(join(lab.root, ".tools"))).toEqual(["bin"]);
  });

  test("that npm installs must be the official executable", async () => {
    const lab = completeMachine();
    lab.command("node", nodeSaying("v20.20.2"));
    lab.command(
      "npm",
      "mkdir -p .tools/node_modules/some-node/bin; echo changed >.tools/node_modules/some-node/bin/node",
    );
    lab.write("scripts/setup.d/pinned.txt", `node-package 24.21.0 ${platform} ${"0".repeat(64)} some-node\n`);
    const { exitCode, stdout } = await lab.setup();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/some-node\/bin\/node was removed: its SHA-256 is/);
    expect(existsSync(join(lab.root, ".tools/node_modules/some-node/bin/node"))).toBe(false);
  });
});

describe("OpenTofu", () => {
  test.each([
    ["Terraform", "1.8.5", "Terraform 1.8.5 at %s is older than 1.9"],
    ["OpenTofu", "1.7.9", "OpenTofu 1.7.9 at %s is older than 1.8"],
    ["Packer", "1.9.0", "%s says no version of OpenTofu or Terraform"],
  ])("is missed when the only %s is %s, and the way out is said", async (product, version, sentence) => {
    const lab = completeMachine();
    lab.command("terraform", terraformSaying(product, version));
    const { exitCode, stdout, stderr } = await lab.setup();
    expect(exitCode).toBe(1);
    expect(stdout).toContain(sentence.replace("%s", `${lab.root}/system/terraform`));
    expect(stderr).toContain(
      "error: OpenTofu could be neither downloaded nor built.\n  -> Install OpenTofu >= 1.8",
    );
  });

  test("that is too old is replaced even beside a good Terraform, because nixherd would find it first", async () => {
    const lab = completeMachine();
    lab.systemCommand("curl");
    lab.command("tofu", terraformSaying("OpenTofu", "1.7.9"));
    pin(lab, "tofu-release", archive(lab, "tofu", { tofu: terraformSaying("OpenTofu", "1.12.6") }));
    const { stdout } = await lab.setup();
    expect(stdout).toContain(
      `OpenTofu 1.7.9 at ${lab.root}/system/tofu is older than 1.8; installing OpenTofu`,
    );
    expect(stdout).toContain(`OpenTofu 1.12.6 (${lab.root}/.tools/bin/tofu)`);
  });

  test.each(["1.8.0", "1.10.0-rc1", "2.0.0"])("%s is new enough", async (version) => {
    const lab = completeMachine();
    lab.command("terraform", "exit 1");
    lab.command("tofu", terraformSaying("OpenTofu", version));
    expect((await lab.setup()).stdout).toContain(`OpenTofu ${version} (${lab.root}/system/tofu)`);
  });

  test("is installed beside a Terraform when it is asked for, and then found first", async () => {
    const lab = completeMachine();
    lab.systemCommand("curl");
    pin(lab, "tofu-release", archive(lab, "tofu", { tofu: terraformSaying("OpenTofu", "1.12.6") }));
    const { exitCode, stdout } = await lab.setup({ args: ["--with-tofu"] });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/tofu +official release 9\.9\.9 \.\.\. done/);
    expect(stdout).toContain(`OpenTofu 1.12.6 (${lab.root}/.tools/bin/tofu)`);
    expect((await lab.setup({ args: ["--with-tofu"] })).stdout).not.toContain("official release");
  });

  test("is built by Go when its release cannot be had", async () => {
    const lab = completeMachine();
    lab.systemCommand("curl");
    lab.write(
      "scripts/setup.d/pinned.txt",
      `tofu-release 9.9.9 ${platform} 0 file://${lab.root}/none.tar.gz\n`,
    );
    lab.command("go", '[[ $1 == build && $CGO_ENABLED == 0 ]] && shift 7 && cp system/tofu-built "$1"');
    lab.systemCommand("cp");
    lab.command("tofu-built", terraformSaying("OpenTofu", "1.12.6"));
    const { exitCode, stdout } = await lab.setup({ args: ["--with-tofu"] });
    expect(stdout).toMatch(/official release 9\.9\.9 \.\.\. not possible/);
    expect(stdout).toContain(`OpenTofu 1.12.6 (${lab.root}/.tools/bin/tofu)`);
    expect(exitCode).toBe(0);
  });

  test.each([
    ["is missing", undefined, "there is no named-one on PATH"],
    ["is too old", "1.2.3", "Terraform 1.2.3 at %s is older than 1.9"],
  ])("is not installed over a TERRAFORM_BINARY_NAME that %s", async (_, version, problem) => {
    const lab = completeMachine();
    if (version !== undefined) lab.command("named-one", terraformSaying("Terraform", version));
    const { exitCode, stderr } = await lab.setup({ env: { TERRAFORM_BINARY_NAME: "named-one" } });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(problem.replace("%s", `${lab.root}/system/named-one`));
    expect(stderr).toContain("  -> Name a newer one, or unset TERRAFORM_BINARY_NAME.");
  });
});

test.each([
  ["the guest lab is", "guest-lab"],
  ["machines with a kernel of their own are", "qemu"],
])("%s not installed where there is no apt, and the set-up says so", async (_, name) => {
  const lab = completeMachine();
  lab.command("uname", "echo Linux");
  const { exitCode, stdout } = await lab.setup({ args: [`--with-${name}`] });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    new RegExp(`^${name} +not here: it (needs root|is installed with Debian's apt)$`, "m"),
  );
});

test("the formatter of Nix files is built by cargo, once; without cargo the set-up says so and goes on", async () => {
  const lab = completeMachine();
  const without = await lab.setup({ args: ["--with-nixfmt"] });
  expect(without.exitCode).toBe(0);
  expect(without.stdout).toMatch(/^nixfmt +not here: it is built by cargo/m);
  lab.systemCommand("chmod");
  const formatter = "#!/usr/bin/env bash\\necho nixfmt-rs 0.5.3\\n";
  lab.command(
    "cargo",
    `echo "$@" >>"$HOME/calls"; printf '${formatter}' >.tools/bin/nixfmt; chmod +x .tools/bin/nixfmt`,
  );
  for (const _ of ["builds", "finds"]) {
    const { exitCode, all } = await lab.setup({ args: ["--with-nixfmt"] });
    expect(exitCode, all).toBe(0);
  }
  expect(readFileSync(`${lab.root}/calls`, "utf8")).toBe(
    "install --locked --force --root .tools --version 0.5.3 nixfmt_rs\n",
  );
});

test("an unknown option is answered with the usage and exit code 1", async () => {
  const { exitCode, stderr } = await openScriptLab().setup({ args: ["--with-tofoo"] });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("Usage: scripts/setup [--with-tofu]");
});
