import { request } from "node:https";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Lab, startLab } from "./lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab.pve.stop());

/** Status of a request whose target no URL parser would let through. */
function fetchRaw(path: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const { hostname, port } = new URL(lab.pve.endpoint);
  request({ hostname, port, path, ca: lab.pve.caPem }, (answer) => resolve(answer.statusCode))
    .on("error", reject)
    .end();
  return promise;
}

describe("requests that do not fit", () => {
  test("a body over a mebibyte, a path that cannot be decoded and JSON that is none are refused", async () => {
    const huge = await lab.admin("POST", "/pools", { params: { poolid: "x".repeat(1_100_000) } });
    const path = await lab.admin("GET", "/nodes/%zz/qemu");
    const slashes = await fetchRaw("//");
    const list = await lab.admin("POST", "/pools", { params: ["x"] as never, isJson: true });
    expect([huge.status, path.status, slashes, list.status]).toEqual([413, 400, 501, 400]);
  });

  test("several wrong parameters are named at once", async () => {
    await lab.clone(101);
    const { body } = await lab.set(101, { cores: 0, onboot: "yes", bogus: 1, net0: "virtio,tag=5000" });
    expect(Object.keys((body as { errors: object }).errors).sort()).toEqual([
      "bogus",
      "cores",
      "net0",
      "onboot",
    ]);
  });
});
