import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { appCommand } from "../../cli/pipeline/synthesize.ts";
import { type AppAhead, openAppAhead } from "../../cli/pipeline/watch/app-ahead.ts";
import { machine, makeSpecs } from "../cli/specs-project.ts";
import { isAlive } from "../is-alive.ts";
import { until } from "./until.ts";

/** Lets every Node process below a command write its program and its process into a file. */
function recordStarts(file: string): string {
  const script = `import{appendFileSync}from"node:fs";appendFileSync(${JSON.stringify(file)},process.argv[1].split("/").at(-1)+" "+process.pid+"\\n")`;
  return `--import data:text/javascript,${encodeURIComponent(script)}`;
}

interface Lab {
  readonly app: AppAhead;
  /** Programs that were started so far, as "main.ts <process>". */
  starts(): string[];
  write(file: string, content: string | object): Promise<void>;
  synthesise(
    removedStacks?: readonly string[],
    movingStacks?: readonly string[],
  ): Promise<{ exitCode: number | undefined; lines: string[] }>;
  /** What the last synthesis wrote, by stack. */
  synthesised(stack: string): string;
}

async function openLab(app = `node ${resolve("stacks/main.ts")}`): Promise<Lab> {
  const project = await makeSpecs({ "demo/web-1.json": machine(101, 2) });
  const write: Lab["write"] = (file, content) =>
    project.write(file, typeof content === "string" ? content : JSON.stringify(content));
  await write("cdktf.json", { language: "typescript", app });
  const log = join(project.root, ".started");
  const { root } = project;
  const commandOf = async (
    [removedStacks, movingStacks]: readonly [readonly string[], readonly string[]],
    onLine: (line: string) => void,
  ) => {
    const { command } = await appCommand({ root, removedStacks, movingStacks, isSoundOnly: true, onLine });
    return { ...command, env: { ...command.env, NODE_OPTIONS: recordStarts(log) } };
  };
  const ahead = openAppAhead(root, () => commandOf([[], []], () => undefined));
  onTestFinished(() => ahead.close());
  return {
    app: ahead,
    write,
    starts: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
    async synthesise(removedStacks = [], movingStacks = []) {
      const lines: string[] = [];
      const { exitCode } = await ahead.run(
        await commandOf([removedStacks, movingStacks], (line) => lines.push(line)),
      );
      return { exitCode, lines };
    },
    synthesised: (stack) => readFileSync(join(root, "cdktf.out", "stacks", stack, "cdk.tf.json"), "utf8"),
  };
}

const programs = (lab: Lab) => lab.starts().map((line) => line.split(" ")[0]);

const prepared = (lab: Lab) => until(() => (lab.starts().length > 0 ? true : undefined));

test("a program that was started ahead writes what the specs say when it is asked", async () => {
  const lab = await openLab();
  lab.app.prepare();
  lab.app.prepare();
  await prepared(lab);
  await lab.write("vm-specs/demo/web-1.json", machine(101, 2, { description: "newer" }));
  const { exitCode, lines } = await lab.synthesise(["gone"]);
  expect({ exitCode, lines }).toEqual({ exitCode: 0, lines: [] });
  expect(lab.synthesised("demo")).toContain('"description": "newer"');
  expect(lab.synthesised("gone")).not.toContain("vm-1");
  expect(programs(lab)).toEqual(["main-ahead.ts"]);
});

test("a program that was started ahead leaves out the stacks that move when it is asked", async () => {
  const lab = await openLab();
  const networks = [{ bridge: "vmbr1", ipv4: { address: "10.0.30.2/24", gateway: "10.0.30.1" } }];
  await lab.write("vm-specs/quiet/web-2.json", machine(202, 2, { networks }));
  lab.app.prepare();
  await prepared(lab);
  expect(await lab.synthesise([], ["demo"])).toEqual({ exitCode: 0, lines: [] });
  expect(lab.synthesised("quiet")).toContain("vm-202");
  expect(() => lab.synthesised("demo")).toThrow("ENOENT");
  expect(programs(lab)).toEqual(["main-ahead.ts"]);
  expect(lab.app.leavesOut()).toBe(true);
});

test("problems of the specs reach whoever asks", async () => {
  const lab = await openLab();
  lab.app.prepare();
  await prepared(lab);
  await lab.write("vm-specs/demo/web-1.json", "{");
  const { exitCode, lines } = await lab.synthesise();
  expect(exitCode).toBe(2);
  expect(lines.join("\n")).toContain("vm-specs/demo/web-1.json");
});

test.each([
  ["code that came since", "constructs/own.ts", "export const own = 1;\n"],
  ["another app", "cdktf.json", { language: "typescript", app: `cd . && node ${resolve("stacks/main.ts")}` }],
])("is not used for %s: the app is started anew", async (_, file, content) => {
  const lab = await openLab();
  lab.app.prepare();
  await prepared(lab);
  await lab.write(file, content);
  expect((await lab.synthesise()).exitCode).toBe(0);
  expect(programs(lab)).toEqual(["main-ahead.ts", "main.ts"]);
});

test("an app of one's own is never started before it is needed", async () => {
  const lab = await openLab("node app.mjs");
  await lab.write("stacks.json", { demo: {} });
  lab.app.prepare();
  expect((await lab.synthesise()).exitCode).toBe(0);
  expect(programs(lab)).toEqual(["app.mjs"]);
  expect(lab.app.leavesOut()).toBe(false);
});

test("a program that nobody needs ends without having written anything", async () => {
  const lab = await openLab();
  lab.app.prepare();
  await prepared(lab);
  await lab.app.close();
  const pid = Number(lab.starts()[0]?.split(" ")[1]);
  expect(isAlive(pid)).toBe(false);
  expect(() => lab.synthesised("demo")).toThrow("ENOENT");
});
