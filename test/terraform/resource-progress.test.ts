import { expect, test } from "vitest";
import type { TerraformEvent } from "../../terraform/apply-events.ts";
import { trackProgress } from "../../terraform/resource-progress.ts";

const vm = "proxmox_virtual_environment_vm.vm-101";
const nixos = "terraform_data.nixos-101";

function resource(address: string, state: "started" | "running" | "complete" | "failed", action = "create") {
  return { type: "resource", state, address, action, elapsedSeconds: 0 } as const;
}

test("Each resource shows its state, its duration and its hook's last line.", () => {
  let clockMs = 0;
  const tracker = trackProgress(() => clockMs);
  const story: readonly [ms: number, event: TerraformEvent][] = [
    [0, resource(vm, "started")],
    [4000, resource(vm, "complete")],
    [4000, resource(nixos, "started")],
    [5000, { type: "provisioner-output", address: nixos, line: "phase=ssh state=start ms=0" }],
    [6000, { type: "provisioner-output", address: nixos, line: "phase=ssh state=ok ms=900" }],
    [9000, resource(nixos, "running")],
  ];
  for (const [ms, event] of story) {
    clockMs = ms;
    tracker.read(event);
  }
  clockMs = 9500;
  expect(tracker.all()).toEqual([
    { address: vm, action: "create", state: "complete", durationMs: 4000, lastLine: "" },
    {
      address: nixos,
      action: "create",
      state: "running",
      durationMs: 5500,
      lastLine: "phase=ssh state=ok ms=900",
    },
  ]);
});

test("A replacement is one resource: destroyed first, it runs again when its successor is made.", () => {
  let clockMs = 0;
  const tracker = trackProgress(() => clockMs);
  tracker.read(resource(vm, "started", "delete"));
  clockMs = 2000;
  tracker.read(resource(vm, "complete", "delete"));
  expect(tracker.all()).toMatchObject([{ state: "complete", action: "delete", durationMs: 2000 }]);
  tracker.read(resource(vm, "started", "create"));
  clockMs = 5000;
  tracker.read(resource(vm, "failed", "create"));
  expect(tracker.all()).toMatchObject([{ state: "failed", action: "create", durationMs: 5000 }]);
});

test("Output of a resource that never began, and events about none, change nothing.", () => {
  const tracker = trackProgress();
  tracker.read({ type: "provisioner-output", address: nixos, line: "x" });
  tracker.read({ type: "message", message: "OpenTofu 1.12.6" });
  expect(tracker.all()).toEqual([]);
});
