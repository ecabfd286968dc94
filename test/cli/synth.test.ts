import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { cleanEnvironment, dataStack, makeProject, program } from "./project.ts";

test("Synth runs the app of cdktf.json in the root, with this Node, and hands its words on.", async () => {
  const project = await makeProject();
  await project.write(
    "app.mjs",
    `import { writeFileSync } from "node:fs";
     const { CDKTF_OUTDIR, CDKTN_DISABLE_CREATION_STACK, CDKTF_CONTEXT_JSON } = process.env;
     const seen = { cwd: process.cwd(), execPath: process.execPath, CDKTF_OUTDIR, CDKTN_DISABLE_CREATION_STACK, CDKTF_CONTEXT_JSON };
     writeFileSync("seen.json", JSON.stringify(seen));
     console.log("word of the app");`,
  );
  await project.write("cdktf.json", '{ "app": "node app.mjs", "context": { "a": 1 } }');
  const run = await project.run(["synth"], { PATH: "/usr/bin:/bin" });
  expect(run).toMatchObject({ exitCode: 0, stderr: "word of the app" });
  expect(JSON.parse(await project.read("seen.json"))).toEqual({
    cwd: project.root,
    execPath: process.execPath,
    CDKTF_OUTDIR: join(project.root, "cdktf.out"),
    CDKTN_DISABLE_CREATION_STACK: "1",
    CDKTF_CONTEXT_JSON: '{"a":1}',
  });
});

test("Problems in the specs pass through: the app's words, then exit code 2.", async () => {
  const project = await makeProject();
  await project.write(
    "app.mjs",
    'console.error("error: vm-specs/demo/web-1.json:/vmId: is missing"); process.exit(2);',
  );
  for (const args of [["synth"], ["plan"], ["apply", "--yes"]]) {
    const { exitCode, stderr } = await project.run(args);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      [
        "error: vm-specs/demo/web-1.json:/vmId: is missing",
        "error INVALID_INPUT: The specs have problems, so nothing was written and nothing was changed.",
        "  -> Correct what is listed above.",
      ].join("\n"),
    );
  }
});

test("An app that fails is SYNTH_FAILED with its exit code.", async () => {
  const project = await makeProject();
  await project.write("app.mjs", "process.exit(7)");
  const { exitCode, stderr } = await project.run(["plan"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^error SYNTH_FAILED: The app of cdktf\.json \("node app\.mjs"\) ended with exit code 7\.\n {2}-> /,
  );
});

test("An app that writes nothing, and a cdktf.json without an app, are SYNTH_FAILED.", async () => {
  const project = await makeProject();
  await project.write("app.mjs", "");
  expect((await project.run(["plan"])).stderr).toMatch(
    /^error SYNTH_FAILED: .*manifest\.json cannot be read/,
  );
  await project.write("cdktf.json", "{}");
  expect((await project.run(["plan"])).stderr).toMatch(/^error SYNTH_FAILED: .*cdktf\.json has no "app"\./);
  await project.write("cdktf.json", "{ no json");
  expect((await project.run(["plan"])).stderr).toMatch(/^error SYNTH_FAILED: .*cdktf\.json cannot be read/);
});

test("The root is found from any folder below it; outside of a project there is none.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  await project.write("deep/down/file", "");
  const env = await cleanEnvironment();
  const start = (cwd: string) =>
    execa(process.execPath, [program, "synth"], { cwd, env, extendEnv: false, reject: false });
  expect((await start(join(project.root, "deep/down"))).exitCode).toBe(0);
  expect(await project.read("cdktf.out/stacks/demo/cdk.tf.json")).toContain("terraform_data");

  const elsewhere = await mkdtemp(join(tmpdir(), "nixherd-none-"));
  onTestFinished(() => rm(elsewhere, { recursive: true }));
  const outside = await start(elsewhere);
  expect(outside.exitCode).toBe(1);
  expect(outside.stderr).toMatch(/^error NO_PROJECT: There is no cdktf\.json in .* or above it\.\n {2}-> /);
});
