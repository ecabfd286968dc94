import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkPlan } from "../../cli/pipeline/check-plan.ts";
import { refuseMovedSpec } from "../../cli/pipeline/refuse-moved-specs.ts";
import { temporaryRepository } from "../specs/temporary-repository.ts";
import { machinePlan, stackPlan } from "../terraform/plans.ts";

const site = { "vm-specs/_site.json": {} };
const destroyed = (vmId: number, stack = "a", isDestroy = false) =>
  stackPlan([machinePlan(vmId, { action: "destroy" })], { stack, isDestroy });

test("A machine whose spec lies in another stack is not destroyed, on purpose or not; the message names both stacks and the command.", () => {
  const root = temporaryRepository({ ...site, "vm-specs/b/web.json": { vmId: 101 } });
  for (const isDestroy of [false, true]) {
    expect(() => refuseMovedSpec(destroyed(101, "a", isDestroy), root)).toThrow(
      "web-101 (101) is in the state of stack a, and vm-specs/b/web.json describes it in stack b now: let the state follow with nixherd move 101",
    );
  }
});

test("check-plan refuses the plan of a pipeline for the same reason, before any policy.", async () => {
  const gone = {
    address: "proxmox_virtual_environment_vm.vm-101",
    mode: "managed",
    type: "proxmox_virtual_environment_vm",
    change: { actions: ["delete"], before: { vm_id: 101, name: "web" }, after: null },
  };
  const root = temporaryRepository({
    ...site,
    "vm-specs/b/web.json": { vmId: 101 },
    "plan.json": { format_version: "1.2", resource_changes: [gone] },
  });
  const interrupt = new AbortController().signal;
  const context = { root, interrupt, report: () => undefined, unfinished: new Set<never>() };
  const request = { file: join(root, "plan.json"), stack: "a", allowances: { destroy: 9 } };
  await expect(checkPlan(context, request)).rejects.toMatchObject({ code: "SPEC_MOVED" });
  await expect(checkPlan(context, { ...request, stack: "b" })).resolves.toBe(0);
});

test("Nothing is destroyed while another stack has a file that may be the machine's new place.", () => {
  const root = temporaryRepository({ ...site, "vm-specs/b/web.json": "" });
  expect(() => refuseMovedSpec(destroyed(101), root)).toThrow(
    "vm-specs/b/web.json tells no VMID: it may be the machine's new place.",
  );
});

test("A machine goes if and only if no other stack describes it, wherever else specs are.", () => {
  const places = fc.uniqueArray(
    fc.record({ stack: fc.constantFrom("a", "b", "c"), vmId: fc.integer({ min: 101, max: 106 }) }),
    { maxLength: 8, selector: ({ stack, vmId }) => `${stack}/${vmId}` },
  );
  fc.assert(
    fc.property(places, fc.integer({ min: 101, max: 106 }), (specs, vmId) => {
      const files = specs.map(({ stack, vmId: own }) => [`vm-specs/${stack}/m-${own}.json`, { vmId: own }]);
      const root = temporaryRepository({ ...site, ...Object.fromEntries(files) });
      const judge = () => refuseMovedSpec(destroyed(vmId), root);
      if (specs.some((spec) => spec.stack !== "a" && spec.vmId === vmId))
        expect(judge).toThrow("nixherd move");
      else expect(judge).not.toThrow();
    }),
    { numRuns: 40 },
  );
});
