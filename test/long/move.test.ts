import { expect, test } from "vitest";
import { openMoveLab } from "../e2e/move-lab.ts";
import { terraformBinaries } from "../e2e/terraform-binaries.ts";

const backends = ["local", "http"] as const;
const cases = terraformBinaries().flatMap((binary) => backends.map((backend) => [binary, backend] as const));

test.each(cases)(
  "With %s and %s states, a move that is cut off before any of its writes loses nothing and ends when it is run again.",
  { timeout: 300_000 },
  async (binary, backend) => {
    const lab = await openMoveLab(binary, backend);
    try {
      let wasKilled = true;
      for (let before = 1; wasKilled; before += 1) {
        const [from, to] = before % 2 === 1 ? ["old", "new"] : ["new", "old"];
        lab.moveFile(`${from}/web-1.json`, `${to}/web-1.json`);
        wasKilled = await lab.killMove(before);
        expect(lab.holders(), `cut off before write ${before}`).not.toEqual([]);
        if (wasKilled) expect((await lab.run("plan")).all).toContain("nixherd move 101");
        const moved = await lab.run("move", "101", "--yes");
        expect(moved.exitCode, moved.all).toBe(0);
        expect(lab.holders()).toEqual([to]);
      }
      const planned = await lab.run("plan");
      expect(planned.exitCode, planned.all).toBe(0);
      expect(await lab.vmIds()).toEqual([101, 102]);
    } finally {
      await lab.close();
    }
  },
);
