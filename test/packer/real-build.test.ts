import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { machine } from "../e2e/machine-specs.ts";
import { callFaults } from "../embedded/pve/fault-client.ts";
import { makeRepository } from "../template/make-repository.ts";
import { startTemplateCluster, type TemplateCluster } from "../template/template-cluster.ts";
import { templateBuild } from "../template/template-project.ts";
import { serveInstallerImage } from "./installer-image.ts";
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

test("nixherd builds from the installer with the real Packer, and what was installed is verified.", {
  timeout,
}, async ({ skip }) => {
  skip(noPacker !== "", noPacker);
  const { cluster, repository, run } = await openRepository();
  const iso = await serveInstallerImage(cluster.access.caFile ?? "");
  const site = JSON.stringify({ templateBuild: { ...templateBuild, iso, firmware: "ovmf" } });
  await repository.write("vm-specs/_site.json", site);
  const built = await run("template", "build", "--from", "installer", "--timeout", "30");
  expect(built.exitCode, built.stdout + built.stderr).toBe(0);
  expect(templatesOn(cluster)).toEqual(["9000 nixos-26.05-v1 1", "9001 nixos-26.05-v2 1"]);
  expect(JSON.parse(await repository.read("vm-specs/_site.json")).templates["nixos-26.05"]).toMatchObject({
    vmId: 9001,
    rootDisk: { slot: "virtio0", sizeGiB: 16 },
    cloudInit: { slot: "ide0" },
    firmware: "ovmf",
  });
});

test("What the real Packer leaves behind is named, and removed when that is asked for.", {
  timeout,
}, async ({ skip }) => {
  skip(noPacker !== "", noPacker);
  const { cluster, run } = await openRepository();
  const { pve, access } = cluster;
  // The plugin forgets a clone whose first change is refused.
  const refusal = {
    fault: "status",
    status: 500,
    call: "PUT /nodes/*/qemu/9001/config",
    reason: "got no lock",
  };
  const faults = { seed: 1, rules: [refusal] };
  expect((await callFaults(pve, "PUT", faults, access.token)).status).toBe(200);
  const failed = await run("template", "build", "--timeout", "30");
  expect(failed.exitCode).toBe(1);
  expect(failed.stderr).toContain("left behind: nixos-26.05-v2 (9001) on node pve1");
  expect(templatesOn(cluster)).toContain("9001 nixos-26.05-v2 0");
  await callFaults(pve, "DELETE", undefined, access.token);
  const refused = await run("template", "build", "--timeout", "30");
  expect(refused.stderr).toContain("error TEMPLATE_LEFTOVER");
  const built = await run("template", "build", "--remove-leftovers", "--timeout", "30");
  expect(built.exitCode, built.stdout + built.stderr).toBe(0);
  expect(templatesOn(cluster)).toEqual(["9000 nixos-26.05-v1 1", "9001 nixos-26.05-v2 1"]);
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
