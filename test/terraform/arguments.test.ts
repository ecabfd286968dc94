import { expect, test } from "vitest";
import { applyArguments } from "../../terraform/apply.ts";
import { importArguments } from "../../terraform/import.ts";
import { initArguments } from "../../terraform/init.ts";
import { outputArguments } from "../../terraform/output.ts";
import { planArguments } from "../../terraform/plan.ts";
import { showArguments } from "../../terraform/show.ts";
import { stateMvArguments } from "../../terraform/state-mv.ts";
import { statePullArguments } from "../../terraform/state-pull.ts";
import { statePushArguments } from "../../terraform/state-push.ts";
import { stateRmArguments } from "../../terraform/state-rm.ts";
import { validateArguments } from "../../terraform/validate.ts";

const cases: readonly [title: string, built: readonly string[], expected: readonly string[]][] = [
  ["init, defaults", initArguments({}), ["init", "-input=false", "-no-color"]],
  [
    "init, all options",
    initArguments({ isUpgrade: true }),
    ["init", "-input=false", "-no-color", "-upgrade"],
  ],
  [
    "import",
    importArguments({ address: "proxmox_virtual_environment_vm.vm-101", id: "pve1/101" }),
    [
      "import",
      "-input=false",
      "-no-color",
      "-lock-timeout=10s",
      "proxmox_virtual_environment_vm.vm-101",
      "pve1/101",
    ],
  ],
  ["state pull", statePullArguments(), ["state", "pull"]],
  ["state push", statePushArguments("/s/a.tfstate"), ["state", "push", "-lock-timeout=10s", "/s/a.tfstate"]],
  ["state rm", stateRmArguments(["a.b", "a.c"]), ["state", "rm", "-lock-timeout=10s", "a.b", "a.c"]],
  [
    "state mv",
    stateMvArguments({ from: "/s/a", to: "/s/b", address: "a.b", backupFolder: "/m" }),
    [
      "state",
      "mv",
      "-lock-timeout=10s",
      "-state=/s/a",
      "-state-out=/s/b",
      "-backup=/m/from-before-a.b.tfstate",
      "-backup-out=/m/to-before-a.b.tfstate",
      "a.b",
      "a.b",
    ],
  ],
  ["validate", validateArguments(), ["validate", "-json", "-no-color"]],
  [
    "plan, defaults",
    planArguments({ outFile: "/p/demo.tfplan" }),
    ["plan", "-input=false", "-json", "-detailed-exitcode", "-lock-timeout=10s", "-out=/p/demo.tfplan"],
  ],
  [
    "plan, all options",
    planArguments({
      outFile: "/p/demo.tfplan",
      isDestroy: true,
      targets: ["terraform_data.nixos-101", "proxmox_virtual_environment_vm.vm-101"],
      parallelism: 4,
      lockTimeoutSeconds: 0,
    }),
    [
      "plan",
      "-input=false",
      "-json",
      "-detailed-exitcode",
      "-lock-timeout=0s",
      "-parallelism=4",
      "-destroy",
      "-target=terraform_data.nixos-101",
      "-target=proxmox_virtual_environment_vm.vm-101",
      "-out=/p/demo.tfplan",
    ],
  ],
  ["show", showArguments("/p/demo.tfplan"), ["show", "-json", "-no-color", "/p/demo.tfplan"]],
  [
    "apply, defaults",
    applyArguments({ planFile: "/p/demo.tfplan" }),
    ["apply", "-input=false", "-json", "-lock-timeout=10s", "/p/demo.tfplan"],
  ],
  [
    "apply, all options",
    applyArguments({ planFile: "/p/demo.tfplan", parallelism: 4, lockTimeoutSeconds: 60 }),
    ["apply", "-input=false", "-json", "-lock-timeout=60s", "-parallelism=4", "/p/demo.tfplan"],
  ],
  ["output", outputArguments(), ["output", "-json", "-no-color"]],
];

test.each(cases)("The arguments are exact: %s.", (_, built, expected) => {
  expect(built).toEqual(expected);
});
