import { expect, test } from "vitest";
import { changedAttributes } from "../../terraform/changed-attributes.ts";
import { powerEffect } from "../../terraform/power-effect.ts";
import {
  type Recording,
  readRecording,
  recordingNames,
} from "../embedded/provider/recorded-runs/recording.ts";

/** Updates of one machine that the real provider carried out: what its plan said, and what it then called. */
const updates = recordingNames()
  .map(readRecording)
  .flatMap((recording) => {
    const apply = recording.phases.find(({ phase }) => phase === "apply");
    if (apply?.exit !== 0) return [];
    return updatedMachines(recording).map(({ address, vmId, change }) => {
      const powerCalls = apply.calls.filter(({ call }) =>
        new RegExp(`^POST nodes/[^/]+/qemu/${vmId}/status/(shutdown|stop|reboot|start)$`).test(call),
      );
      const done = powerCalls.map(({ call }) => call.slice(call.lastIndexOf("/") + 1));
      return { step: recording.step, address, change, done };
    });
  });

function updatedMachines({ plan, before, server }: Recording) {
  return (plan ?? []).flatMap(({ address, actions, after, unknown }) => {
    if (!address.startsWith("proxmox_virtual_environment_vm.") || actions.join() !== "update") return [];
    const known = before?.find((resource) => resource.address === address);
    if (known === undefined) return [];
    const vmId = Number(known.values["vm_id"]);
    // The recording has the state; the plan's "before" is what the refresh made of it.
    const staged = server?.vms?.[vmId];
    const refreshed = staged === undefined ? {} : { started: staged.status !== undefined };
    const change = { actions, before: { ...known.values, ...refreshed }, after, after_unknown: unknown };
    return [{ address, vmId, change }];
  });
}

test("Recorded updates are there to be judged, with and without a power cycle.", () => {
  expect(updates.filter(({ done }) => done.length > 0).length).toBeGreaterThan(5);
  expect(updates.filter(({ done }) => done.length === 0).length).toBeGreaterThan(5);
});

test.each(updates.map((update) => [update.step, update] as const))(
  "The effect told for %s is what the real provider did.",
  (_, { change, done }) => {
    const { effect } = powerEffect(change, changedAttributes(change).known);
    const kinds = {
      none: [],
      "reboot later": [],
      start: ["start"],
      stop: [done[0] === "stop" ? "stop" : "shutdown"],
      "power cycle": done[0] === "reboot" ? ["reboot"] : [done[0] === "stop" ? "stop" : "shutdown", "start"],
    };
    expect(done, effect).toEqual(kinds[effect]);
  },
);
