import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findBinary } from "../../terraform/find-binary.ts";
import { makeFolder } from "./stack-folder.ts";

/** Puts a program at a path that answers `version` with this line. */
async function install(file: string, versionLine: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n[ "$1" = version ] && echo "${versionLine}" && echo "on linux_amd64"\n`);
  await chmod(file, 0o755);
  return file;
}

test("TERRAFORM_BINARY_NAME comes before everything else.", async () => {
  const root = await makeFolder();
  await install(join(root, ".tools", "bin", "tofu"), "OpenTofu v1.12.6");
  const named = await install(join(root, "elsewhere", "terraform-old"), "Terraform v1.9.0");
  const byPath = { PATH: "", TERRAFORM_BINARY_NAME: named };
  const byName = { PATH: dirname(named), TERRAFORM_BINARY_NAME: "terraform-old" };
  const expected = { path: named, product: "Terraform", version: "1.9.0" };
  expect(await findBinary({ root, env: byPath })).toEqual(expected);
  expect(await findBinary({ root, env: byName })).toEqual(expected);
});

test("Without a name the repository's own tofu is taken, then tofu, then terraform on PATH.", async () => {
  const root = await makeFolder();
  const [first, second] = [join(root, "first"), join(root, "second")];
  const env = { PATH: `${first}:${second}` };
  const terraform = await install(join(first, "terraform"), "Terraform v1.11.4");
  expect((await findBinary({ root, env })).path).toBe(terraform);
  const tofu = await install(join(second, "tofu"), "OpenTofu v1.10.0");
  expect((await findBinary({ root, env })).path).toBe(tofu);
  const own = await install(join(root, ".tools", "bin", "tofu"), "OpenTofu v1.12.6");
  expect((await findBinary({ root, env })).path).toBe(own);
});

test("A version is found behind warnings about the CLI configuration.", async () => {
  const root = await makeFolder();
  const warning = "There are some problems with the CLI configuration:\\n\\nWarning: none\\n";
  const file = await install(join(root, "tofu"), `${warning}\nOpenTofu v1.8.0-beta1`);
  const found = await findBinary({ root, env: { TERRAFORM_BINARY_NAME: file } });
  expect(found).toMatchObject({ product: "OpenTofu", version: "1.8.0-beta1" });
});

test.each([
  ["Terraform v1.8.9", "Terraform 1.8.9 at .* is older than 1.9"],
  ["OpenTofu v1.7.10", "OpenTofu 1.7.10 at .* is older than 1.8"],
  ["Terraform v0.15.0", "Terraform 0.15.0 at .* is older than 1.9"],
])("%s is refused as too old.", async (versionLine, message) => {
  const root = await makeFolder();
  const file = await install(join(root, "old"), versionLine);
  await expect(findBinary({ root, env: { TERRAFORM_BINARY_NAME: file } })).rejects.toMatchObject({
    code: "TERRAFORM_TOO_OLD",
    message: expect.stringMatching(message),
  });
});

test("An old tofu is not passed over for a newer terraform.", async () => {
  const root = await makeFolder();
  await install(join(root, "tofu"), "OpenTofu v1.6.0");
  await install(join(root, "terraform"), "Terraform v1.11.4");
  await expect(findBinary({ root, env: { PATH: root } })).rejects.toMatchObject({
    code: "TERRAFORM_TOO_OLD",
  });
});

test("No program at all, a named one that is missing, and one that is something else have codes of their own.", async () => {
  const root = await makeFolder();
  const env = { PATH: root };
  await expect(findBinary({ root, env })).rejects.toMatchObject({ code: "TERRAFORM_MISSING" });
  const missing = { ...env, TERRAFORM_BINARY_NAME: "tofu-nightly" };
  await expect(findBinary({ root, env: missing })).rejects.toMatchObject({
    code: "TERRAFORM_NAMED_MISSING",
    message: expect.stringContaining("tofu-nightly"),
  });
  const other = await install(join(root, "other"), "Something else 3.0");
  await expect(findBinary({ root, env: { TERRAFORM_BINARY_NAME: other } })).rejects.toMatchObject({
    code: "COMMAND_NOT_STARTED",
    message: expect.stringContaining("Something else 3.0"),
  });
});
