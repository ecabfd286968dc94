import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkParameters } from "../../../embedded/pve/check/check-parameters.ts";
import {
  parsePropertyString,
  printPropertyString,
} from "../../../embedded/pve/check/parse-property-string.ts";
import { apiSchema } from "../../../embedded/pve/check/schema.ts";
import { formatOf, parseSize, printSize } from "../../../embedded/pve/config/drives.ts";
import { normalizeTags } from "../../../embedded/pve/config/normalize-value.ts";
import { ApiError } from "../../../embedded/pve/http/api-error.ts";
import { matchPath } from "../../../embedded/pve/http/match-path.ts";
import { waitForTask } from "./api-client.ts";
import { type Lab, startLab } from "./lab.ts";

const words = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9_+.-]{0,8}$/);

describe("laws of the configuration's texts", () => {
  test("normalising tags twice changes nothing, and order and case of the input do not matter", () => {
    fc.assert(
      fc.property(fc.array(words), (tags) => {
        const once = normalizeTags(tags.join(";"));
        expect(normalizeTags(once)).toBe(once);
        expect(normalizeTags(tags.toReversed().join(", ").toUpperCase())).toBe(once);
      }),
    );
  });

  test("a printed size is read as the same number of bytes", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 44 }), (bytes) => {
        expect(parseSize(printSize(bytes))).toBe(bytes);
      }),
    );
  });

  test("a printed property string is read as the same values", () => {
    const format = formatOf("scsi0");
    const keys = Object.keys(format).filter((key) => format[key]?.alias === undefined && key !== "file");
    const values = fc.dictionary(fc.constantFrom(...keys), fc.stringMatching(/^[2-9a-z][a-z0-9]{3,8}$/));
    fc.assert(
      fc.property(values, words, (options, file) => {
        const drive = { file, ...options };
        expect(parsePropertyString(format, printPropertyString(format, drive))).toEqual(drive);
      }),
    );
  });
});

describe("laws of the schema", () => {
  test("every path of the schema is matched by an address made from it", () => {
    for (const template of apiSchema.keys()) {
      const segments = template.split("/").filter((part) => part !== "");
      const match = matchPath(
        segments.map((part) => (part.startsWith("{") ? `value-of-${part.slice(1, -1)}` : part)),
      );
      expect(match?.template).toBe(template);
    }
  });

  test("whatever is sent, a check either passes or names parameters that were sent or are missing", () => {
    const methods = [...apiSchema.values()].flatMap((path) => [...path.values()]);
    const nameOf = (name: string) => name.replace("[n]", "0");
    const parametersOf = (names: readonly string[]) =>
      fc.dictionary(fc.constantFrom("bogus", ...names), fc.string({ maxLength: 30 }), { minKeys: 1 });
    const requests = fc.constantFrom(...methods).chain((schema) => {
      const names = Object.keys(schema.parameters).map(nameOf);
      return fc.record({ schema: fc.constant(schema), names: fc.constant(names), sent: parametersOf(names) });
    });
    fc.assert(
      fc.property(requests, ({ schema, names, sent }) => {
        try {
          checkParameters(schema, sent);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          expect(error.status).toBe(400);
          for (const name of Object.keys(error.errors ?? {})) expect([...names, "bogus"]).toContain(name);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe("laws of the cluster", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ delays: { taskMs: 0 } });
  });
  afterAll(() => lab.pve.stop());

  const vmid = fc.integer({ min: 101, max: 104 });
  const request = fc.oneof(
    vmid.map((id) => ["POST", "9000/clone", { newid: id, full: id % 2 }] as const),
    vmid.map((id) => ["POST", `${id}/clone`, { newid: id + 1, full: 1 }] as const),
    vmid.map((id) => ["DELETE", `${id}`, { purge: 1, "destroy-unreferenced-disks": id % 2 }] as const),
    vmid.map((id) => ["POST", `${id}/status/start`, {}] as const),
    vmid.map((id) => ["POST", `${id}/status/stop`, {}] as const),
    vmid.map((id) => ["PUT", `${id}/config`, { scsi1: "local-lvm:1" }] as const),
    vmid.map((id) => ["PUT", `${id}/config`, { delete: "scsi1,unused0,ide2", memory: 512 + id }] as const),
    vmid.map((id) => ["PUT", `${id}/config`, { ide2: "local-lvm:cloudinit", cores: 0 }] as const),
    vmid.map(
      (id) => ["POST", `${id}/migrate`, { target: "pve2", "with-local-disks": 1, online: 1 }] as const,
    ),
    vmid.map((id) => ["POST", `${id}/snapshot`, { snapname: "s" }] as const),
  );

  async function send([method, path, params]: readonly [string, string, object]): Promise<void> {
    const node = lab.pve.cluster.vms.get(Number(path.split("/")[0]))?.node ?? "pve1";
    const answer = await lab.admin(method, `/nodes/${node}/qemu/${path}`, { params: params as never });
    expect(answer.reason).not.toContain("embedded server fault");
    if (String(answer.data).startsWith("UPID:")) await waitForTask(lab.admin, answer.data);
  }

  /** What must hold after any requests, in any order. */
  function checkInvariants(): void {
    const { vms, volumes, tasks } = lab.pve.cluster;
    const owned = [...vms.values()].flatMap((vm) =>
      Object.entries({ ...vm.config, ...vm.pending }).flatMap(([key, value]) =>
        /^(?:ide|scsi|virtio|unused)\d/.test(key) && String(value).includes(":")
          ? [`${vm.node} ${String(value).split(",")[0]}`]
          : [],
      ),
    );
    expect(new Set(owned).size).toBe(owned.length);
    expect([...volumes.keys()]).toEqual(expect.arrayContaining(owned));
    for (const vm of vms.values()) expect(vm.config["lock"]).toBeUndefined();
    for (const task of tasks.values()) expect(task.exitStatus).toBeDefined();
  }

  test("no volume is named twice or missing, locks are released and tasks end, whatever is asked at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 5, maxLength: 30 }), async (requests) => {
        for (let at = 0; at < requests.length; at += 3) {
          await Promise.all(requests.slice(at, at + 3).map(send));
          checkInvariants();
        }
      }),
      { numRuns: 25 },
    );
  });
});
