import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as cdktf from "cdktf";
import * as cdktn from "cdktn";
import { expect, test } from "vitest";
import { cliEnvironment } from "../../packages/cdktf/cli-environment.ts";
import { refuseUnattended } from "../../packages/cdktf/refuse-unattended.ts";

const run = promisify(execFile);

test("cdktf exports what cdktn exports, as the very same objects", () => {
  expect(cdktf.TerraformStack).toBe(cdktn.TerraformStack);
  expect(Object.keys(cdktf)).toEqual(expect.arrayContaining(Object.keys(cdktn)));
});

test("the cdktf command runs the CLI", async () => {
  const { stdout } = await run("npx", ["cdktf", "--help"]);
  expect(stdout).toContain("cdktf deploy [stacks...]");
});

test("an older Node gets one sentence with the way out", async () => {
  const older = 'data:text/javascript,Object.defineProperty(process.versions, "node", { value: "22.19.0" })';
  await expect(run("node", ["--import", older, "packages/cdktf/cdktf.js", "synth"])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^cdktf: .*Node 24\.12.*22\.19\.0.*scripts\/setup.*\n$/),
  });
});

test.each([["deploy"], ["destroy"], ["apply"]])(
  "cdktf %s without a terminal and without --auto-approve is refused with exit code 1",
  async (command) => {
    const attempt = run("npx", ["cdktf", command, "demo"], {
      env: { ...process.env, CDKTF_AUTO_APPROVE: "" },
    });
    await expect(attempt).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Add --auto-approve"),
    });
  },
);

test.each([
  [["deploy", "demo", "--auto-approve"], {}, false],
  [["deploy", "--auto-approve=true"], {}, false],
  [["deploy", "--auto-approve=false"], {}, true],
  [["deploy", "demo"], { CDKTF_AUTO_APPROVE: "true" }, false],
  [["deploy", "demo"], {}, true],
  [["--log-level=debug", "destroy"], {}, true],
  [["deploy", "--help"], {}, false],
  [["synth"], {}, false],
  [["diff", "deploy"], {}, false],
  [[], {}, false],
])("%j with %j needs an approval it cannot get: %s", (args, env, refused) => {
  expect(refuseUnattended(args, env, false) !== undefined).toBe(refused);
});

test("a terminal may approve by itself", () => {
  expect(refuseUnattended(["deploy"], {}, true)).toBeUndefined();
});

test("the provider lock is skipped only when a provider is reattached", async () => {
  expect(await cliEnvironment({ PATH: "" }, "/nowhere")).not.toHaveProperty("CDKTF_SKIP_PROVIDER_LOCK");
  const reattached = { PATH: "", TF_REATTACH_PROVIDERS: "{}" };
  expect(await cliEnvironment(reattached, "/nowhere")).toHaveProperty("CDKTF_SKIP_PROVIDER_LOCK", "true");
});

test("what the user set in the environment is kept", async () => {
  const env = await cliEnvironment(
    { PATH: "", TERRAFORM_BINARY_NAME: "mine", CHECKPOINT_DISABLE: "0" },
    "/nowhere",
  );
  expect(env).not.toHaveProperty("TERRAFORM_BINARY_NAME");
  expect(env).not.toHaveProperty("CHECKPOINT_DISABLE");
});

test("a Terraform configuration file that does not exist is said once and left out", async () => {
  const env = { ...process.env, TF_CLI_CONFIG_FILE: "/nowhere/terraformrc" };
  const { stderr } = await run("npx", ["cdktf", "--version"], { env });
  expect(stderr.match(/\/nowhere\/terraformrc/g)).toHaveLength(1);
});
