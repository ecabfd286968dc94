import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startTemplateCluster, type TemplateCluster } from "./template-cluster.ts";
import { makeTemplateProject, templateBuild } from "./template-project.ts";

const quickly = ["--timeout", "20"];

function templatesOn({ pve }: TemplateCluster): string[] {
  return [...pve.cluster.vms.values()].map(
    ({ vmid, config }) => `${vmid} ${config["name"]} ${config["template"] ?? 0}`,
  );
}

test("A build makes the next version with Packer, verifies it, and then the catalogue names it.", async () => {
  const cluster = await startTemplateCluster();
  const project = await makeTemplateProject(cluster);
  const { exitCode, stderr, stdout } = await project.template("build", ...quickly);
  expect(exitCode, stdout + stderr).toBe(0);
  expect(templatesOn(cluster)).toEqual(["9000 nixos-26.05-v1 1", "9001 nixos-26.05-v2 1"]);
  expect(JSON.parse(await project.read("vm-specs/_site.json")).templates["nixos-26.05"]).toMatchObject({
    vmId: 9001,
    node: "pve1",
    version: "nixos-26.05-v2",
    release: "26.05",
    nixpkgsRevision: templateBuild.nixpkgsRevision,
    rootDisk: { slot: "virtio0", sizeGiB: 4 },
    // Where the plugin put it, not where the base has it.
    cloudInit: { slot: "ide0" },
    firmware: "seabios",
  });
  const [version, init, build = "", variables = ""] = await project.packerLog();
  expect([version, init]).toEqual(["version ", `init ${join(project.root, "packer")}`]);
  expect(build).toMatch(/^build -color=false -only=proxmox-clone\.nixos -var-file=\S+\.pkrvars\.json /);
  // The token is in the environment alone.
  expect(build + variables).not.toContain(cluster.access.token.split("=")[1]);
  expect(JSON.parse(variables.replace("variables ", ""))).toMatchObject({ vm_id: 9001, base_vm_id: 9000 });
  expect(existsSync(join(project.root, ".nixherd/template-builds.json"))).toBe(false);
});

test("What a failed build left is named, refused the next time, and removed when that is asked for.", async () => {
  const cluster = await startTemplateCluster();
  const failing = await makeTemplateProject(cluster, { templateBuild }, { STAND_IN: "fail" });
  const first = await failing.template("build", ...quickly);
  expect(first.exitCode).toBe(1);
  expect(first.stderr).toContain("error PACKER_FAILED: packer build failed:");
  expect(first.stderr).toContain("403 Permission check failed ***");
  expect(first.stderr).toContain("left behind: nixos-26.05-v2 (9001) on node pve1");
  const second = await failing.template("build", ...quickly);
  expect(second.stderr).toContain(
    "error TEMPLATE_LEFTOVER: A build that failed left behind: nixos-26.05-v2 (9001)",
  );
  const third = await failing.run(["template", "build", "--remove-leftovers", "--no-verify"], {
    ...failing.environment,
    STAND_IN: "good",
  });
  expect(third.exitCode, third.stderr).toBe(0);
  expect(third.stderr).toContain("removed what a build left behind: nixos-26.05-v2 (9001)");
  expect(templatesOn(cluster)).toEqual(["9000 nixos-26.05-v1 1", "9001 nixos-26.05-v2 1"]);
});

test("An interruption reaches the plugin, which removes what it made.", async () => {
  const cluster = await startTemplateCluster();
  const project = await makeTemplateProject(cluster, { templateBuild }, { STAND_IN: "hang" });
  await project.write("tmp/.keep", "");
  const temporary = join(project.root, "tmp");
  const environment = { ...project.environment, TMPDIR: temporary };
  const build = project.start(["template", "build", ...quickly], environment);
  await new Promise<void>((resolve) => {
    build.stderr.on("data", (chunk) => String(chunk).includes("Waiting for SSH") && resolve());
  });
  build.kill("SIGINT");
  const { exitCode, stderr } = await build;
  expect(exitCode, stderr).toBe(130);
  expect(await project.packerLog()).toContain("plugin was interrupted");
  expect(templatesOn(cluster)).toEqual(["9000 nixos-26.05-v1 1"]);
  expect(readdirSync(temporary).filter((name) => name.startsWith("nixherd-packer-"))).toEqual([]);
});

test("A build from the installer is given a key of its own, and the installer's literal checksum.", async () => {
  const cluster = await startTemplateCluster();
  const url = "https://example.org/nixos-minimal-26.05.1234.abcdef-x86_64-linux.iso";
  const iso = { url, sha256: "ab".repeat(32) };
  const project = await makeTemplateProject(cluster, { templateBuild: { ...templateBuild, iso } });
  const { exitCode, stderr } = await project.template("build", "--from", "installer", "--no-verify");
  expect(exitCode, stderr).toBe(0);
  const [, , build = "", variables = ""] = await project.packerLog();
  expect(build).toContain("-only=proxmox-iso.nixos");
  expect(JSON.parse(variables.replace("variables ", ""))).toMatchObject({
    iso_url: url,
    iso_sha256: iso.sha256,
    ssh_private_key_file: expect.stringMatching(/id_ed25519$/),
    ssh_public_key: expect.stringMatching(/^ssh-ed25519 \S+ nixherd-build$/),
  });
  expect(JSON.parse(await project.read("vm-specs/_site.json")).templates["nixos-26.05"]).toMatchObject({
    vmId: 9001,
    rootDisk: { slot: "virtio0", sizeGiB: 16 },
    cloudInit: { slot: "ide0" },
  });
});
