import fc from "fast-check";
import type { FaultRule } from "../../../../embedded/pve/faults/fault-rule.ts";

/** One call, sent to the node that the machine is on unless `node` says otherwise. */
export interface Call {
  readonly method: string;
  /** Below `/nodes/<node>/qemu`. */
  readonly path: string;
  readonly params: Readonly<Record<string, string | number>>;
  readonly node: string | undefined;
}

/** What may happen next. */
export type Step =
  | { readonly kind: "calls"; readonly calls: readonly Call[] }
  | { readonly kind: "faults"; readonly rules: readonly FaultRule[]; readonly seed: number }
  | { readonly kind: "kill" };

const vmid = fc.integer({ min: 101, max: 104 });
const node = fc.constantFrom("pve1", "pve2");
const storage = fc.constantFrom("local-lvm", "local-lvm", "shared", "shared", "nowhere");
const slot = fc.constantFrom("scsi1", "virtio0", "sata1", "ide2", "unused0");
const snapname = fc.constantFrom("one", "two");
const bit = fc.integer({ min: 0, max: 1 });

/** Stands for the volume that the machine has as `unused0`. */
export const reattach = "{unused0}";

const drive = fc.tuple(storage, bit).map(([name, size]) => `${name}:${size + 1}`);
const cloudInit = storage.map((name) => `${name}:cloudinit`);

/** What one configuration change may say; the storages that do not exist and the wrong digest are refused. */
const change: fc.Arbitrary<Readonly<Record<string, string | number>>> = fc.oneof(
  fc.record({ scsi1: fc.oneof(drive, fc.constant(reattach)) }),
  fc.record({ sata1: drive }),
  fc.record({ ide2: cloudInit }),
  fc.record({ hotplug: fc.constantFrom("0", "1"), memory: fc.integer({ min: 0, max: 600 }) }),
  fc.record({ tags: fc.constantFrom("a;b", "B A", "-"), digest: fc.constantFrom("", "0".repeat(40)) }),
  fc.record({ revert: slot }),
  fc.record({
    delete: fc.array(slot, { minLength: 1, maxLength: 3 }).map((slots) => slots.join(",")),
    force: bit,
  }),
);

/** Two changes in one call, which may contradict each other. */
const settings = fc.oneof(
  { weight: 4, arbitrary: change },
  { weight: 1, arbitrary: fc.tuple(change, change).map(([one, other]) => ({ ...one, ...other })) },
);

type Shape = Omit<Call, "node">;

const shapes: readonly fc.Arbitrary<Shape>[] = [
  fc.record({ newid: vmid, full: bit }).map((params) => ({ method: "POST", path: "/9000/clone", params })),
  fc
    .tuple(vmid, fc.record({ newid: vmid, full: fc.constant(1), storage }, { requiredKeys: ["newid"] }))
    .map(([id, params]) => ({ method: "POST", path: `/${id}/clone`, params })),
  fc
    .tuple(vmid, settings)
    .map(([id, params]) => ({ method: "POST", path: "", params: { ...params, vmid: id } })),
  fc.tuple(vmid, settings).map(([id, params]) => ({ method: "PUT", path: `/${id}/config`, params })),
  fc.tuple(vmid, settings).map(([id, params]) => ({ method: "PUT", path: `/${id}/config`, params })),
  fc.tuple(vmid, bit).map(([id, all]) => ({
    method: "DELETE",
    path: `/${id}`,
    params: { purge: 1, "destroy-unreferenced-disks": all },
  })),
  fc
    .tuple(vmid, fc.constantFrom("start", "stop", "reset", "suspend", "resume", "reboot"))
    .map(([id, action]) => ({
      method: "POST",
      path: `/${id}/status/${action}`,
      // A guest that ignores it would be waited for much longer than a story may take.
      params: action === "reboot" ? { timeout: 0 } : {},
    })),
  fc.tuple(vmid, bit).map(([id, forceStop]) => ({
    method: "POST",
    path: `/${id}/status/shutdown`,
    params: { timeout: 0, forceStop },
  })),
  fc.tuple(vmid, node, storage, bit).map(([id, target, targetstorage, online]) => ({
    method: "POST",
    path: `/${id}/migrate`,
    params: {
      target,
      online,
      "with-local-disks": 1,
      ...(targetstorage === "nowhere" ? {} : { targetstorage }),
    },
  })),
  fc
    .tuple(vmid, snapname)
    .map(([id, name]) => ({ method: "POST", path: `/${id}/snapshot`, params: { snapname: name } })),
  fc
    .tuple(vmid, snapname)
    .map(([id, name]) => ({ method: "DELETE", path: `/${id}/snapshot/${name}`, params: {} })),
  fc.tuple(vmid, snapname, bit).map(([id, name, start]) => ({
    method: "POST",
    path: `/${id}/snapshot/${name}/rollback`,
    params: { start },
  })),
  fc
    .tuple(vmid, slot, fc.constantFrom("+1G", "1G", "9G"))
    .map(([id, disk, size]) => ({ method: "PUT", path: `/${id}/resize`, params: { disk, size } })),
  fc.tuple(vmid, slot, storage, bit).map(([id, disk, to, gone]) => ({
    method: "POST",
    path: `/${id}/move_disk`,
    params: { disk, storage: to, delete: gone },
  })),
  vmid.map((id) => ({ method: "POST", path: `/${id}/template`, params: {} })),
];

const call: fc.Arbitrary<Call> = fc
  .tuple(
    fc.oneof(...shapes),
    fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: node }),
  )
  .map(([shape, on]) => ({ ...shape, node: on }));

const often = { probability: fc.constantFrom(0.2, 0.5, 1) };
const rule: fc.Arbitrary<FaultRule> = fc.oneof(
  fc.record({
    fault: fc.constant("status" as const),
    status: fc.constantFrom(500, 595, 596, 599),
    afterWork: fc.boolean(),
    ...often,
  }),
  fc.record({ fault: fc.constant("reset" as const), afterWork: fc.boolean(), ...often }),
  fc.record({ fault: fc.constant("latency" as const), ms: fc.constant(3), ...often }),
  fc.record({ fault: fc.constant("task-duration" as const), ms: fc.constant(5), ...often }),
  fc.record({ fault: fc.constant("task-failure" as const), afterWork: fc.boolean(), ...often }),
  fc.record({ fault: fc.constant("ignores-shutdown" as const), ...often }),
  fc.record({ fault: fc.constant("never-boots" as const), ...often }),
  fc.record({ fault: fc.constant("node-down" as const), node }),
  fc.record({ fault: fc.constant("storage-full" as const), storage }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .array(call, { minLength: 1, maxLength: 4 })
      .map((calls) => ({ kind: "calls" as const, calls })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.array(rule, { maxLength: 3 }), fc.nat(99))
      .map(([rules, seed]) => ({ kind: "faults" as const, rules, seed })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "kill" as const }) },
);

/** Anything that may happen to a cluster, in any order. Calls of one step are sent at once. */
export const steps = fc.array(step, { minLength: 5, maxLength: 25 });
