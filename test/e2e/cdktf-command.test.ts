import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callApi } from "./call-api.ts";
import { machine, site } from "./machine-specs.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "./test-repository.ts";

describe.each(terraformBinaries().map((binary) => [basename(binary), binary]))("with %s", (_, binary) => {
  let repository: TestRepository;
  const cdktf = (...args: string[]) => repository.run("npx", ["cdktf", ...args]);

  beforeAll(async () => {
    repository = await createTestRepository(binary, {
      _site: site,
      "prod/web-1": machine(101),
      "test/web-1": machine(151, { name: "web-1-test" }),
    });
  });

  afterAll(() => repository?.close());

  test("cdktf deploy brings up two stacks at once", async () => {
    const deployed = await cdktf("deploy", "*", "--auto-approve");
    expect(deployed.exitCode, deployed.all).toBe(0);
    const machines = (await callApi(repository, "GET", "nodes/pve1/qemu")) as {
      vmid: number;
      status: string;
    }[];
    const running = machines.filter(({ status }) => status === "running").map(({ vmid }) => vmid);
    expect(running.sort()).toEqual([101, 151]);
  });

  test("a second cdktf deploy changes nothing", async () => {
    const deployed = await cdktf("deploy", "*", "--auto-approve");
    expect(deployed.exitCode, deployed.all).toBe(0);
    expect(deployed.all.match(/No changes/g)).toHaveLength(2);
  });

  test("cdktf diff ends with 0 and says so when there is nothing to do", async () => {
    const diff = await cdktf("diff", "prod");
    expect(diff.exitCode, diff.all).toBe(0);
    expect(diff.all).toContain("No changes");
  });

  test("cdktf output shows the machines", async () => {
    const output = await cdktf("output", "prod");
    expect(output.exitCode, output.all).toBe(0);
    expect(output.all).toContain("ssh root@10.0.20.101");
  });

  test("a spec with problems fails cdktf synth, shows every problem and keeps the last configuration", async () => {
    repository.write("vm-specs/prod/bad.json", { ...machine(101), nmae: "x" });
    const synthesized = await cdktf("synth");
    expect(synthesized.exitCode).not.toBe(0);
    expect(synthesized.all).toContain("vm-specs/prod/bad.json:/nmae");
    repository.remove("vm-specs/prod/bad.json");
  });

  test("a cdktf deploy that fails shows Terraform's error, and one line of its own as the last", async () => {
    repository.write("vm-specs/prod/web-2.json", machine(102, { networks: [{ bridge: "vmbr7" }] }));
    const deployed = await cdktf("deploy", "prod", "--auto-approve");
    expect(deployed.exitCode).toBe(1);
    expect(deployed.all).toContain("bridge 'vmbr7' does not exist");
    expect(deployed.all).not.toMatch(/undefined|Debug Information/);
    expect(deployed.all.trimEnd().split("\n").at(-1)).toMatch(/^cdktf: .*exit code 1$/);
    repository.remove("vm-specs/prod/web-2.json");
  });

  test("cdktf destroy removes both stacks", async () => {
    const destroyed = await cdktf("destroy", "*", "--auto-approve");
    expect(destroyed.exitCode, destroyed.all).toBe(0);
    const machines = (await callApi(repository, "GET", "nodes/pve1/qemu")) as { vmid: number }[];
    expect(machines.map(({ vmid }) => vmid)).toEqual([9000]);
  });
});
