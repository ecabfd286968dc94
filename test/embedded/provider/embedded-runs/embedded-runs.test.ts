import { afterAll, describe, expect, test } from "vitest";
import { resourceTypes } from "../../../../embedded/provider/provider-types.ts";
import { findTerraformBinary } from "../recorded-runs/terraform-binary.ts";
import { isShort, readScenarioSteps } from "./read-scenarios.ts";
import { createScenarioPlayer } from "./scenario-player.ts";

const binary = findTerraformBinary();
const all = readScenarioSteps();
const [anyStep] = all;
if (anyStep === undefined) throw new Error("there are no scenarios");
// What only destroys, or asks for what is not there, is played in test/long.
const steps = all.filter(isShort).map((recording) => [recording.step, recording] as const);
const player = await createScenarioPlayer(anyStep);

afterAll(async () => {
  await player.stop();
  process.stdout.write(
    `${steps.length} of ${all.length} steps of the real provider against the embedded server\n`,
  );
});

describe.concurrent("the stand-in does what the real provider did against the embedded server in", () => {
  test.each(steps)("%s", async (_name, recording) => {
    const { differences, outputs } = await player.play(recording, binary);
    expect(differences, outputs).toEqual([]);
  });
});

describe("the scenarios", () => {
  test("create and change every resource but machines and pools, which the real server's runs cover", () => {
    const changed = new Set<string>();
    const created = new Set<string>();
    for (const { plan = [] } of all) {
      for (const { address, actions } of plan) {
        const [type = ""] = address.split(".");
        if (actions.includes("create")) created.add(type);
        if (actions.includes("update")) changed.add(type);
      }
    }
    const covered = ["proxmox_virtual_environment_vm", "proxmox_virtual_environment_pool"];
    const expected = [...resourceTypes.keys()].filter((type) => !covered.includes(type));
    expect([...created].toSorted()).toEqual(expected.toSorted());
    // A membership has nothing that could change in place; a group is refused by servers since 9.0.
    const fixed = ["proxmox_hagroup", "proxmox_pool_membership"];
    expect([...changed].toSorted()).toEqual(expected.filter((type) => !fixed.includes(type)).toSorted());
  });
});
