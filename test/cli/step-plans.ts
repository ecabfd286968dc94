import type { StepPlan } from "../../cli/pipeline/systems/plan-steps.ts";

/** A NixOS step that changes packages and needs a reboot. */
export function stepPlan(more: Partial<StepPlan> = {}): StepPlan {
  return { ...example, ...more };
}

const example: StepPlan = {
  vmId: 104,
  name: "web-104",
  step: "changed",
  action: "switch",
  activation: "confirmed",
  reboot: "never",
  healthChecks: 2,
  scripts: ["scripts/hooks/announce.sh"],
  system: "/nix/store/00000000000000000000000000000000-nixos-system-web-104-26.05",
  running: "/nix/store/11111111111111111111111111111111-nixos-system-web-104-26.05",
  change: {
    packages: [
      { name: "nginx", kind: "changed", before: ["1.26"], after: ["1.28"], grownBytes: 1024 ** 2 },
      { name: "cowsay", kind: "removed", before: ["3.8"], after: [], grownBytes: -2048 },
    ],
    bytesBefore: 1024 ** 3,
    bytesAfter: 1024 ** 3 + 1024 ** 2 - 2048,
    rebootFor: ["kernel"],
  },
  unknown: "",
};
