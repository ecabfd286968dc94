import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fillDefaults } from "../../specs/fill-defaults.ts";
import { isJsonObject, type Json, type JsonObject } from "../../specs/json.ts";
import vmSpecSchema from "../../specs/merged-vm-spec.schema.json" with { type: "json" };
import { schemaCheck } from "../../specs/schema-check.ts";

const check = schemaCheck(vmSpecSchema);

function optional<T>(keys: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return fc.record(keys, { requiredKeys: [], noNullPrototype: true });
}

const disk = fc.record(
  {
    slot: fc.constantFrom("virtio0", "scsi1"),
    sizeGiB: fc.integer({ min: 1, max: 100 }),
    datastore: fc.constant("local-lvm"),
    ssd: fc.boolean(),
    cache: fc.constantFrom("none", "writeback"),
  },
  { requiredKeys: ["slot", "sizeGiB", "datastore"], noNullPrototype: true },
);

const nixos = fc.oneof(
  fc.constant(false),
  optional({
    action: fc.constantFrom("switch", "boot"),
    settings: fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
    health: fc.array(
      fc.constantFrom({ unit: "a.service" }, { tcp: "localhost:22", retries: 0 }, { command: "true" }),
    ),
  }),
);

const spec = fc.record(
  {
    vmId: fc.integer({ min: 100, max: 200 }),
    node: fc.constant("pve1"),
    template: fc.constantFrom<Json>("nixos", { name: "nixos" }, { name: "nixos", full: false }),
    cpu: optional({ cores: fc.integer({ min: 1, max: 8 }), flags: fc.constant(["+aes"]) }),
    disks: fc.array(disk),
    lifecycle: optional({
      started: fc.boolean(),
      timeouts: optional({ stopSeconds: fc.integer({ min: 1, max: 9 }) }),
    }),
    nixos,
  },
  { requiredKeys: ["vmId", "node", "template"], noNullPrototype: true },
) as fc.Arbitrary<JsonObject>;

test("A filled spec fits the schema, and filling it again changes nothing", async () => {
  await fc.assert(
    fc.property(spec, (written) => {
      const filled = fillDefaults(vmSpecSchema, written) as JsonObject;
      expect(check(filled)).toEqual([]);
      expect(fillDefaults(vmSpecSchema, filled)).toEqual(filled);
    }),
  );
});

test("Filling keeps every value that was written", async () => {
  await fc.assert(
    fc.property(spec, (written) => {
      const before = JSON.stringify(written);
      expect(contains(fillDefaults(vmSpecSchema, written), written)).toBe(true);
      expect(JSON.stringify(written)).toBe(before);
    }),
  );
});

test("Every key that has a default is there after filling, inside lists and choices too", () => {
  const filled = fillDefaults(vmSpecSchema, {
    vmId: 101,
    template: { name: "nixos" },
    disks: [{ slot: "virtio0", sizeGiB: 4, datastore: "local-lvm" }],
    nixos: { health: [{ unit: "a.service" }] },
  });
  expect(filled).toMatchObject({
    template: { full: true, replaceOnChange: false },
    cpu: { cores: 1, type: "x86-64-v2-AES" },
    disks: [{ ssd: false, discard: true }],
    lifecycle: { timeouts: { stopSeconds: 300 } },
    nixos: { action: "switch", health: [{ retries: 5, timeoutSeconds: 10 }] },
  });
});

function contains(whole: Json | undefined, part: Json): boolean {
  if (isJsonObject(part)) {
    return isJsonObject(whole) && Object.entries(part).every(([key, value]) => contains(whole[key], value));
  }
  if (!Array.isArray(part)) return whole === part;
  return (
    Array.isArray(whole) &&
    whole.length === part.length &&
    part.every((value, index) => contains(whole[index], value))
  );
}
