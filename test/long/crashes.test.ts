import { afterAll, beforeAll, expect, test } from "vitest";
import { CrashLab } from "../e2e/crash/crash-lab.ts";
import { crashPoints, victims } from "../e2e/crash/crash-points.ts";
import { terraformBinaries } from "../e2e/terraform-binaries.ts";

/** How often each moment is met with each victim. */
const rounds = 3;

const [binary = "tofu"] = terraformBinaries();
const results = new Map<string, { runs: number; good: number }>();
let lab: CrashLab;

beforeAll(async () => {
  lab = await CrashLab.open(binary);
});

afterAll(async () => {
  await lab?.close();
  const rows = [...results].map(([name, { runs, good }]) => `| ${name} | ${runs} | ${good} |`);
  const all = [...results.values()];
  const sum = (key: "runs" | "good") => all.reduce((total, result) => total + result[key], 0);
  const head = ["| killed | runs | nothing lost, nothing twice, state equals cluster |", "|---|---|---|"];
  console.log([...head, ...rows, `| all | ${sum("runs")} | ${sum("good")} |`].join("\n"));
});

const cases = crashPoints.flatMap((point) => victims.map((victim) => ({ point, victim })));

test.each(cases)(
  `$point.work: $victim is killed ${rounds} times at "$point.name"`,
  async ({ point, victim }) => {
    const key = `${victim} during ${point.work}`;
    const result = results.get(key) ?? { runs: 0, good: 0 };
    results.set(key, result);
    for (let round = 0; round < rounds; round += 1) {
      await lab.prepare(point.work);
      result.runs += 1;
      try {
        expect(await lab.crash(point, victim)).toMatchObject({ isKilled: true });
        result.good += 1;
      } catch (error) {
        // What is left of it would spoil the next ones.
        await lab.close();
        lab = await CrashLab.open(binary);
        throw error;
      }
    }
  },
);
