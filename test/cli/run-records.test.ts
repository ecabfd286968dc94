import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dataStack, hooked, makeProject } from "./project.ts";

const linesOf = (file: string) =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

test("An apply leaves a record of who did what and how it ended, and a line in the journal.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  await project.run(["apply", "--yes"]);
  const folder = join(project.root, ".nixherd", "runs");
  const [name = ""] = readdirSync(folder);
  const events = linesOf(join(folder, name));
  expect(events[0]).toMatchObject({ event: "run", command: ["apply", "--yes"], user: expect.any(String) });
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(["plan", "applying", "resource", "applied", "end"]),
  );
  expect(events.at(-1)).toMatchObject({ event: "end", exitCode: 0 });
  expect(linesOf(join(project.root, ".nixherd", "journal.jsonl"))).toMatchObject([
    { command: ["apply", "--yes"], exitCode: 0, durationMs: expect.any(Number) },
  ]);
  expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
});

test("Secrets of the environment that a hook prints stay out of the record.", async () => {
  const project = await makeProject({ demo: dataStack({ "nixos-101": hooked("echo $MY_SECRET_TOKEN") }) });
  await project.run(["apply", "--yes"], { MY_SECRET_TOKEN: "correct-horse-battery" });
  const folder = join(project.root, ".nixherd", "runs");
  const text = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
  expect(text).toContain("hook-line");
  expect(text).not.toContain("correct-horse-battery");
});

test("A failed run is recorded with its exit code; a plan is not recorded at all.", async () => {
  const project = await makeProject({ demo: dataStack({ "nixos-101": hooked("exit 10") }) });
  await project.run(["plan"]);
  await project.run(["apply", "--yes"]);
  expect(linesOf(join(project.root, ".nixherd", "journal.jsonl"))).toMatchObject([{ exitCode: 1 }]);
});

test("Only the newest 200 records are kept.", async () => {
  const project = await makeProject({ demo: dataStack({ one: {} }) });
  await project.run(["apply", "--yes"]);
  const folder = join(project.root, ".nixherd", "runs");
  for (let index = 0; index < 205; index += 1) {
    writeFileSync(join(folder, `2020-01-01T00-00-00-${String(index).padStart(3, "0")}Z-1.jsonl`), "");
  }
  await project.run(["apply", "--yes"]);
  const names = readdirSync(folder);
  expect(names).toHaveLength(200);
  expect(names.filter((name) => name.startsWith("2020"))).toHaveLength(198);
});
