import { expect, test } from "vitest";
import { type CloneFacts, judgeMachines } from "../../template/verify/judge-machines.ts";
import { cloudInitResult } from "./template-cluster.ts";

const gibibyte = 1024 ** 3;

/** What a sound clone shows whose disk was grown from 4 to 9 GiB. */
function clone(vmId: number, more: Partial<CloneFacts> = {}): CloneFacts {
  return {
    vmId,
    osId: "nixos",
    marker: { version: "nixos-26.05-v3" },
    cloudInitResult: cloudInitResult([]),
    rootBytes: 8.7 * gibibyte,
    templateDiskBytes: 4 * gibibyte,
    machineId: `id-${vmId}`,
    hostKey: `key-${vmId}`,
    loginProblem: "",
    ...more,
  };
}

function problems(first: CloneFacts, second: CloneFacts): Record<string, string> {
  const failed = judgeMachines([first, second], "nixos-26.05-v3").filter(({ problem }) => problem !== "");
  return Object.fromEntries(failed.map(({ name, problem }) => [name, problem]));
}

test("Two sound clones have no problem, whether or not their marker counts versions.", () => {
  expect(problems(clone(1), clone(2))).toEqual({});
  expect(problems(clone(1, { marker: {} }), clone(2, { marker: {} }))).toEqual({});
});

test.for<readonly [Partial<CloneFacts>, Record<string, string>]>([
  [{ osId: undefined }, { agent: "2: the guest agent did not answer" }],
  [{ osId: "debian" }, { agent: '2: this is no NixOS, but "debian"' }],
  [{ marker: undefined }, { marker: "2: there is no /etc/nixos-template.json" }],
  [{ marker: { version: "nixos-26.05-v2" } }, { marker: "2: /etc/nixos-template.json says nixos-26.05-v2" }],
  [{ cloudInitResult: undefined }, { "cloud-init": "2: cloud-init did not finish" }],
  [{ cloudInitResult: '{"v1":{"datasource":null}}' }, { "cloud-init": "2: cloud-init found no data" }],
  [{ cloudInitResult: "not JSON" }, { "cloud-init": "2: cloud-init's result cannot be read" }],
  [{ cloudInitResult: cloudInitResult(["a", "b"]) }, { "cloud-init": "2: a, b" }],
  [{ rootBytes: undefined }, { "root-growth": "2: the size of / is unknown" }],
  [
    { rootBytes: 3.6 * gibibyte },
    { "root-growth": "2: / has 3.6 GiB on a disk that was grown beyond 4.0 GiB" },
  ],
  [{ loginProblem: "Permission denied" }, { login: "2: Permission denied" }],
  [{ machineId: "id-1" }, { "machine-id": "two clones have the same" }],
  [{ machineId: "" }, { "machine-id": "a clone has none" }],
  [{ hostKey: "key-1" }, { "host-keys": "two clones have the same" }],
  [{ hostKey: undefined }, { "host-keys": "a clone has none" }],
])("A clone that shows %o is found out.", ([shown, found]) => {
  expect(problems(clone(1), clone(2, shown))).toEqual(found);
});
