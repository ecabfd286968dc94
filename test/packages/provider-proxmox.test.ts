import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const run = promisify(execFile);
const packageFolder = resolve("packages/provider-proxmox");
const copies: string[] = [];

/** A copy beside the package, where the same node_modules are found. */
async function copyPackage(): Promise<string> {
  const copy = await mkdtemp(resolve("packages/.provider-proxmox-"));
  copies.push(copy);
  await cp(packageFolder, copy, { recursive: true });
  return copy;
}

afterAll(() => Promise.all(copies.map((copy) => rm(copy, { recursive: true, force: true }))));

test("the committed bindings are what the committed schema generates, byte for byte", async () => {
  await expect(run("node", [join(packageFolder, "generate.ts"), "--check"])).resolves.toBeDefined();
});

test("bindings that no longer fit the schema are named as stale", async () => {
  const copy = await copyPackage();
  const schemaFile = join(copy, "schema-0.111.1.json");
  const schema = await readFile(schemaFile, "utf8");
  await writeFile(schemaFile, schema.replaceAll('"keyboard_layout"', '"keyboard_map"'));
  await expect(run("node", [join(copy, "generate.ts"), "--check"])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("stale: generated/virtual-environment-vm.ts"),
  });
});
