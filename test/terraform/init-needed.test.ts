import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { init } from "../../terraform/init.ts";
import { forgetInit, initNeeded, rememberInit } from "../../terraform/init-needed.ts";
import type { TerraformFolder } from "../../terraform/run-terraform.ts";
import { readStackConfiguration } from "../../terraform/stack-configuration.ts";
import { makeStack, terraformData, writeConfiguration } from "./stack-folder.ts";

const env = { PATH: process.env["PATH"] ?? "" };

async function decide(folder: TerraformFolder, environment: NodeJS.ProcessEnv = env) {
  return initNeeded(folder, await readStackConfiguration(folder.path), environment);
}

/** A folder after a real init that was remembered. */
async function initialisedStack(): Promise<TerraformFolder> {
  const folder = await makeStack(terraformData({ one: {} }));
  await init(folder, {});
  await rememberInit(folder, await readStackConfiguration(folder.path), env);
  return folder;
}

const backend = { local: { path: "terraform.tfstate" } };

test("A fresh folder needs an init, and after it none.", async () => {
  const folder = await makeStack(terraformData({ one: {} }));
  expect(await decide(folder)).toEqual({ isNeeded: true, isUpgrade: false });
  await init(folder, {});
  await rememberInit(folder, await readStackConfiguration(folder.path), env);
  expect(await decide(folder)).toEqual({ isNeeded: false, isUpgrade: false });
});

test("Other resources, and other processes of reattached providers, need no init.", async () => {
  const folder = await initialisedStack();
  await writeConfiguration(folder, terraformData({ one: {}, two: { input: "2" } }));
  expect((await decide(folder)).isNeeded).toBe(false);

  const reattached = (pid: number) => ({
    ...env,
    TF_REATTACH_PROVIDERS: JSON.stringify({ "bpg/proxmox": { Protocol: "grpc", Pid: pid } }),
  });
  await rememberInit(folder, await readStackConfiguration(folder.path), reattached(1));
  expect((await decide(folder, reattached(2))).isNeeded).toBe(false);
  expect((await decide(folder)).isNeeded).toBe(true);
});

test.each<[title: string, change: (folder: TerraformFolder) => unknown]>([
  [
    "another backend",
    (folder) => writeConfiguration(folder, { terraform: { backend: { local: { path: "other.tfstate" } } } }),
  ],
  [
    "another provider requirement",
    (folder) =>
      writeConfiguration(folder, {
        terraform: { backend, required_providers: { p: { source: "a/p", version: "1.0.0" } } },
      }),
  ],
  [
    "another version of a module",
    (folder) => writeConfiguration(folder, { module: { m: { source: "./m", version: "2" } } }),
  ],
  ["a removed .terraform", (folder) => rm(join(folder.path, ".terraform"), { recursive: true })],
  [
    "a lock file from elsewhere",
    (folder) => writeFile(join(folder.path, ".terraform.lock.hcl"), "# other\n"),
  ],
  ["a forgotten init", (folder) => forgetInit(folder)],
  ["a note that was half written", (folder) => writeFile(join(folder.path, ".nixherd-init.json"), '{"confi')],
])("%s needs an init.", async (_, change) => {
  const folder = await initialisedStack();
  await change(folder);
  expect((await decide(folder)).isNeeded).toBe(true);
});

test("Another version of the program and another CLI configuration need an init.", async () => {
  const folder = await initialisedStack();
  const newer = { ...folder, binary: { ...folder.binary, version: "99.0.0" } };
  expect((await decide(newer)).isNeeded).toBe(true);
  expect((await decide(folder, { ...env, TF_CLI_CONFIG_FILE: "/elsewhere" })).isNeeded).toBe(true);
});

test("A lock file is brought up to date when the provider requirement changed, and only then.", async () => {
  const folder = await initialisedStack();
  await writeFile(join(folder.path, ".terraform.lock.hcl"), "# locked\n");
  expect(await decide(folder)).toEqual({ isNeeded: true, isUpgrade: false });
  await writeConfiguration(folder, { terraform: { backend, required_providers: { p: { source: "a/p" } } } });
  expect(await decide(folder)).toEqual({ isNeeded: true, isUpgrade: true });
});

test("The note beside .terraform holds hashes and no settings of the backend.", async () => {
  const folder = await initialisedStack();
  expect(await readFile(join(folder.path, ".nixherd-init.json"), "utf8")).not.toContain("tfstate");
});
