import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { machine } from "../e2e/machine-specs.ts";
import { makeRepository } from "../template/make-repository.ts";
import { startTemplateCluster, type TemplateCluster } from "../template/template-cluster.ts";
import { asTheyAre, noPacker, quickly } from "./packer-lab.ts";

const timeout = 180_000;

/** A repository in front of an embedded cluster, with the Packer that is installed here. */
async function openRepository() {
  const cluster = await startTemplateCluster(asTheyAre);
  const repository = await makeRepository(cluster);
  const variables = Object.entries(quickly).map(([name, value]) => [`PKR_VAR_${name}`, String(value)]);
  const environment = {
    ...repository.environment,
    PATH: process.env["PATH"] ?? "",
    PACKER_CONFIG_DIR: join(repository.root, ".packer"),
    ...Object.fromEntries(variables),
  };
  return { cluster, repository, environment, run: (...args: string[]) => repository.run(args, environment) };
}

function templatesOn({ pve }: TemplateCluster): string[] {
  return [...pve.cluster.vms.values()].map(
    ({ vmid, config }) => `${vmid} ${config["name"]} ${config["template"] ?? 0}`,
  );
}

test("nixherd builds with the real Packer, verifies what it made, and machines come from it.", {
  timeout,
}, async ({ skip }) => {
  skip(noPacker !== "", noPacker);
  const { cluster, repository, run } = await openRepository();
  const built = await run("template", "build", "--timeout", "30");
  expect(built.exitCode, built.stdout + built.stderr).toBe(0);
  expect(templatesOn(cluster)).toEqual(["9000 nixos-26.05-v1 1", "9001 nixos-26.05-v2 1"]);
  expect(JSON.parse(await repository.read("vm-specs/_site.json")).templates["nixos-26.05"]).toMatchObject({
    vmId: 9001,
    version: "nixos-26.05-v2",
    rootDisk: { slot: "virtio0" },
    cloudInit: { slot: "ide0" },
    firmware: "seabios",
  });
  const spec = machine(101, { template: "nixos-26.05", nixos: false });
  await repository.write("vm-specs/demo/web-1.json", JSON.stringify(spec));
  const applied = await run("apply", "demo", "--yes");
  expect(applied.exitCode, applied.stdout + applied.stderr).toBe(0);
  const marker = join(cluster.sshConfig, "../machines/101/etc/nixos-template.json");
  expect(JSON.parse(readFileSync(marker, "utf8"))).toMatchObject({ version: "nixos-26.05-v2" });
  const listed = await run("template", "list");
  expect(listed.stdout).toMatch(/^9001 +nixos-26\.05-v2 .* nixos-26\.05 +- +101$/m);
});

test("nixherd that is interrupted lets the real Packer clean up first.", { timeout }, async ({ skip }) => {
  skip(noPacker !== "", noPacker);
  const { cluster, repository, environment } = await openRepository();
  const build = repository.start(["template", "build"], { ...environment, PKR_VAR_restart_seconds: "60" });
  await new Promise<void>((resolve) => {
    build.stderr.on("data", (chunk) => String(chunk).includes("Pausing 1m0s") && resolve());
  });
  build.kill("SIGINT");
  const { exitCode, stderr } = await build;
  expect(exitCode, stderr).toBe(130);
  expect(stderr).toContain("Cleanly cancelled builds after being interrupted.");
  expect(stderr).not.toContain("left behind: ");
  expect(templatesOn(cluster)).toEqual(["9000 nixos-26.05-v1 1"]);
});
