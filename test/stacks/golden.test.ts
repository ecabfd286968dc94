import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readFleet } from "../../specs/read-fleet.ts";
import { synthesize } from "../../stacks/synthesize.ts";

const golden = resolve("test/golden");
const outputs: string[] = [];

afterEach(() => {
  for (const output of outputs.splice(0)) rmSync(output, { recursive: true, force: true });
});

/** Synthesises a situation's specs and gives the folder with one folder per stack. */
function synthesizeSituation(situation: string): string {
  const result = readFleet(join(golden, situation));
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join("\n"));
  const output = mkdtempSync(join(tmpdir(), "nixherd-golden-"));
  outputs.push(output);
  synthesize(result.fleet, output);
  return join(output, "stacks");
}

test.each(readdirSync(golden))("%s synthesises to its golden cdk.tf.json", async (situation) => {
  const stacks = synthesizeSituation(situation);
  for (const stack of readdirSync(stacks)) {
    const text = readFileSync(join(stacks, stack, "cdk.tf.json"), "utf8");
    await expect(text).toMatchFileSnapshot(join(golden, situation, `${stack}.cdk.tf.json`));
  }
});

test("the same specs give the same bytes", () => {
  const [first, second] = ["three-stacks", "three-stacks"].map(synthesizeSituation);
  for (const stack of readdirSync(first ?? "")) {
    const file = join(stack, "cdk.tf.json");
    expect(readFileSync(join(first ?? "", file))).toEqual(readFileSync(join(second ?? "", file)));
  }
});

test("no golden file holds a path of the machine that made it", () => {
  for (const situation of readdirSync(golden)) {
    for (const file of readdirSync(join(golden, situation)).filter((name) => name.endsWith(".tf.json"))) {
      expect(readFileSync(join(golden, situation, file), "utf8")).not.toContain(resolve("."));
    }
  }
});
