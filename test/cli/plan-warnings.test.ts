import { expect, test } from "vitest";
import type { Problem } from "../../lib/problem.ts";
import { eventsOf } from "./project.ts";
import { machine, makeSpecs } from "./specs-project.ts";

/** A stack in the site file that has no folder: a warning of the specs' rules. */
const site = {
  templates: { "nixos-26.05": { name: "nixos-26.05-v1", rootDisk: { sizeGiB: 4 } } },
  stacks: { nowhere: {} },
};

test("A plan tells the warnings of validation, once, in every format.", async () => {
  const project = await makeSpecs({ "_site.json": site, "demo/web-1.json": machine(101, 2) });
  await project.setStacks({ demo: {} });
  const json = eventsOf(await project.run(["plan", "--json"]));
  const [problem, ...others] = json.filter(({ event }) => event === "problem");
  expect(problem).toMatchObject({
    problem: { stack: null, severity: "warning", file: "vm-specs/_site.json", pointer: "/stacks/nowhere" },
  });
  expect(others).toEqual([]);
  const { file, pointer, message } = (problem as { problem: Problem }).problem;
  // The app of a repository says them on its own, since it runs without nixherd, too.
  await project.write("said", `warning: ${file}:${pointer}: ${message}\nsomething else\n`);
  await project.write("cdktf.json", JSON.stringify({ app: "node app.mjs && cat said" }));
  const text = await project.run(["plan"]);
  expect(text.stdout).toContain(`warning in every stack: ${file}:${pointer}: ${message}`);
  expect(text.stderr).toBe("something else");
  const markdown = await project.run(["plan", "--format", "markdown"]);
  expect(markdown.stdout).toContain("<summary>Warnings about the specs: 1</summary>");
});
