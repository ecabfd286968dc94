import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noBuilds } from "../nix/real-nix.ts";
import { commitAll } from "./commit-all.ts";
import { openSystemsLab, type SystemsLab } from "./systems-lab.ts";
import { terraformBinaries } from "./terraform-binaries.ts";

const [binary = "tofu"] = terraformBinaries();
let lab: SystemsLab;

/** What anybody does who runs the CDK without nixherd. */
const synthesizePlainly = () =>
  lab.repository.run("env", ["-u", "NIXHERD_EMBEDDED", "node", "stacks/main.ts"]);
const terraform = (...args: readonly string[]) =>
  lab.repository.run(binary, [...args, "-input=false"], "cdktf.out/stacks/prod");
const configuration = () => readFileSync(`${lab.repository.root}/cdktf.out/stacks/prod/cdk.tf.json`, "utf8");

describe.skipIf(noBuilds !== "")(`systems of the nix here ${noBuilds}`, () => {
  beforeAll(async () => {
    lab = await openSystemsLab();
    await lab.lock();
    await commitAll(lab.repository);
  });
  afterAll(() => lab?.repository.close());

  test("all systems are evaluated and built at once, and each machine's hook gets its own", async () => {
    const apply = await lab.nixherd("apply", "--yes");
    expect(apply.exitCode, apply.all).toBe(0);
    expect(apply.events("systems")).toMatchObject([{ evaluatedCount: 3, builtCount: 3 }]);
    expect(lab.hooksRun().toSorted()).toEqual(
      [1, 2, 3].map((n) => expect.stringMatching(`^web-${n} /nix/store/.*-nixos-system-web-${n}-26\\.05$`)),
    );
  });

  test("a plan after it does nothing and evaluates nothing", async () => {
    const plan = await lab.nixherd("plan");
    expect(plan.exitCode, plan.all).toBe(0);
    expect(plan.events("systems")).toEqual([]);
  });

  test("a plain deploy of the same files does nothing either", async () => {
    await synthesizePlainly();
    expect(configuration()).toContain("/nix/store/");
    const plan = await terraform("plan", "-detailed-exitcode");
    expect(plan.exitCode, plan.all).toBe(0);
  });

  test("a commit that changes no system plans nothing, whatever files of the flake it changes", async () => {
    const file = "nix/hosts/web-1.nix";
    lab.repository.write(file, `# Reworded.\n${readFileSync(`${lab.repository.root}/${file}`, "utf8")}`);
    await commitAll(lab.repository);
    const plan = await lab.nixherd("plan");
    expect(plan.events("systems")).toMatchObject([{ evaluatedCount: 3, builtCount: 0 }]);
    expect(plan.exitCode, plan.all).toBe(0);
  });

  test("a changed module runs the step of its machine only, and the plan names packages and the reboot", async () => {
    lab.configure("web-2", "2.0", 'boot.kernelVersion = "6.18";');
    const plan = await lab.nixherd("plan");
    expect(plan.stepped).toEqual(["web-2"]);
    const [{ machines } = { machines: [] }] = plan.events("steps");
    const [{ change } = { change: null }] = machines;
    expect(machines).toMatchObject([{ vmId: 102, action: "switch", activation: "confirmed", unknown: "" }]);
    expect(change?.rebootFor).toEqual(["kernel"]);
    expect(change?.packages).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: "app", before: ["1.0"], after: ["2.0"] }),
        expect.objectContaining({ name: "linux", before: ["6.12"], after: ["6.18"] }),
      ]),
    );
  });

  test("since a revision only machines whose system changed are planned; what is not built is not compared", async () => {
    lab.configure("web-2", "3.0");
    const plan = await lab.nixherd("plan", "--changed-since", "HEAD", "--no-build");
    expect(plan.events("plan")).toMatchObject([{ stack: "prod", plan: { machines: [{ name: "web-2" }] } }]);
    expect(plan.events("steps")[0]?.machines).toMatchObject([
      { unknown: "the new system is not built here" },
    ]);
  });

  test("a plain deploy of changed files runs every step, and the next apply runs them again, once", async () => {
    lab.configure("web-2", "4.0");
    await synthesizePlainly();
    const before = lab.hooksRun().length;
    const applied = await terraform("apply", "-auto-approve");
    expect(applied.exitCode, applied.all).toBe(0);
    expect(lab.hooksRun().slice(before).toSorted()).toEqual(["web-1 none", "web-2 none"]);
    const apply = await lab.nixherd("apply", "prod", "--yes");
    expect(apply.stepped, apply.all).toEqual(["web-1", "web-2"]);
    expect((await terraform("plan", "-detailed-exitcode")).exitCode).toBe(0);
  });
});
