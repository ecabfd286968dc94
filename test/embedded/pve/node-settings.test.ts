import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, startLab } from "./lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
  await lab.clone(101);
});

afterAll(() => lab.pve.stop());

const get = async (path: string, params: object = {}) =>
  (await lab.admin("GET", path, { params: params as never })).data as never;
const put = (path: string, params: object) => lab.admin("PUT", path, { params: params as never });

describe("settings of a node", () => {
  test("its hosts file is replaced while nobody else changed it", async () => {
    const before = (await get("/nodes/pve1/hosts")) as { data: string; digest: string };
    const data = "127.0.0.1 localhost\n10.99.0.2 pve.local pve\n";
    const path = "/nodes/pve1/hosts";
    const stale = await lab.admin("POST", path, { params: { data, digest: "0".repeat(40) } });
    expect(stale.reason).toContain("detected modified configuration");
    await lab.admin("POST", path, { params: { data, digest: before.digest } });
    expect(await get(path)).toEqual({ data, digest: "6dcce31e0b0ac40a369b3d56fd60df47eb8bb4a4" });
    expect(await get("/nodes/pve2/hosts")).toMatchObject({ data: "127.0.0.1 localhost\n" });
  });

  test("its name servers are replaced as a whole", async () => {
    await put("/nodes/pve2/dns", { search: "example.org", dns1: "10.0.0.53", dns2: "10.0.1.53" });
    await put("/nodes/pve2/dns", { search: "example.org", dns1: "10.0.0.54" });
    expect(await get("/nodes/pve2/dns")).toEqual({ search: "example.org", dns1: "10.0.0.54" });
  });

  test("its time zone moves its local time", async () => {
    await put("/nodes/pve1/time", { timezone: "Asia/Tokyo" });
    const { time, localtime, timezone } = (await get("/nodes/pve1/time")) as Record<string, number>;
    expect([Number(localtime) - Number(time), timezone]).toEqual([9 * 3600, "Asia/Tokyo"]);
    const wrong = await put("/nodes/pve1/time", { timezone: "Nowhere/Land" });
    expect(wrong).toMatchObject({ status: 400, body: { errors: { timezone: "No such timezone" } } });
  });

  test("its interfaces can be asked for by type, and one by one", async () => {
    const names = async (type: string) => {
      const entries = (await get("/nodes/pve1/network", { type })) as { iface: string }[];
      return entries.map(({ iface }) => iface);
    };
    expect([await names("any_bridge"), await names("eth"), await names("bond")]).toEqual([
      ["vmbr0"],
      ["eth0"],
      [],
    ]);
    expect(await get("/nodes/pve1/network/vmbr0")).toMatchObject({ type: "bridge", method: "manual" });
    expect((await lab.admin("GET", "/nodes/pve1/network/vmbr9")).status).toBe(400);
  });

  test("its devices are listed, those of uninteresting classes when asked for", async () => {
    const shown = (await get("/nodes/pve1/hardware/pci")) as { id: string }[];
    const all = (await get("/nodes/pve1/hardware/pci", { "pci-class-blacklist": "ff" })) as { id: string }[];
    expect(all.length).toBe(shown.length + 1);
    expect(await get("/nodes/pve1/hardware/usb")).toMatchObject([{ vendid: "0403" }]);
  });

  test("its services run", async () => {
    const services = (await get("/nodes/pve1/services")) as { name: string; state: string }[];
    expect(services).toContainEqual(expect.objectContaining({ name: "pveproxy", state: "running" }));
    expect(await get("/nodes/pve1/services/ksmtuned/state")).toMatchObject({ "unit-state": "not-found" });
    expect((await lab.admin("GET", "/nodes/pve1/services/nothing/state")).status).toBe(400);
  });
});

describe("usage curves", () => {
  const curve = "/nodes/pve1/qemu/101/rrddata";

  function age(seconds: number): void {
    const vm = lab.pve.cluster.vms.get(101);
    if (vm === undefined) return;
    vm.config["meta"] = `creation-qemu=10.0.13,ctime=${lab.pve.cluster.clock.nowSeconds() - seconds}`;
    if (vm.process !== undefined)
      Object.assign(vm.process, { startedAtMs: Date.now() - (seconds * 1000) / 2 });
  }

  test("a machine has figures from its first whole minute on, and loads only while it ran", async () => {
    await lab.start(101);
    age(1800);
    const points = (await get(curve, { timeframe: "hour" })) as {
      time: number;
      maxcpu?: number;
      cpu?: number;
    }[];
    const known = points.filter(({ maxcpu }) => maxcpu !== undefined);
    expect(points.length).toBe(60);
    expect(
      points.every(({ time }, index) => index === 0 || time - (points[index - 1]?.time ?? 0) === 60),
    ).toBe(true);
    expect(known.length).toBeGreaterThanOrEqual(28);
    expect(known.length).toBeLessThanOrEqual(30);
    expect(known[0]?.cpu).toBe(0);
    expect(known.at(-1)?.cpu).toBeGreaterThan(0);
  });

  test("the same moment always has the same figures", async () => {
    const once = (await get(curve, { timeframe: "hour" })) as { time: number; cpu?: number }[];
    const again = (await get(curve, { timeframe: "hour" })) as { time: number; cpu?: number }[];
    const shared = again.filter(({ time }) => once.some((point) => point.time === time));
    for (const point of shared) expect(once).toContainEqual(point);
    expect(shared.length).toBeGreaterThan(50);
  });

  test.each([
    ["day", 60, 1440],
    ["week", 1800, 336],
    ["month", 1800, 1440],
    ["year", 21_600, 1440],
  ])("a %s has a point every %i s", async (timeframe, step, count) => {
    const points = (await get("/nodes/pve1/rrddata", { timeframe })) as { time: number }[];
    const [first, second] = points;
    expect(Number(second?.time) - Number(first?.time)).toBe(step);
    expect([count - 1, count]).toContain(points.length);
  });
});
