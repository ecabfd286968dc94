import { join } from "node:path";
import { expect, test } from "vitest";
import { machine } from "../e2e/machine-specs.ts";
import { makeRepository } from "./make-repository.ts";
import { writeImage } from "./qcow2-image.ts";
import { soundGuest, startTemplateCluster } from "./template-cluster.ts";

test("A template that was just made carries machines, and the next version leaves them alone.", async () => {
  let version = "nixos-26.05-v2";
  const cluster = await startTemplateCluster({
    file: (path, vmId) =>
      path === "/etc/nixos-template.json" ? JSON.stringify({ version }) : soundGuest.file(path, vmId),
  });
  const repository = await makeRepository(cluster);
  const image = join(repository.root, "nixos.qcow2");
  const importing = ["template", "import", image, "--sha256", writeImage(image, 3), "--timeout", "30"];
  const imported = await repository.run(importing);
  expect(imported.exitCode, imported.stderr).toBe(0);

  const spec = machine(101, { template: "nixos-26.05", nixos: false });
  await repository.write("vm-specs/demo/web-1.json", JSON.stringify(spec));
  const applied = await repository.run(["apply", "demo", "--yes"]);
  expect(applied.exitCode, applied.stdout + applied.stderr).toBe(0);
  const made = cluster.pve.cluster.vms.get(101);
  expect(made?.config["name"]).toBe("web-1");
  expect(cluster.changes).toContain("POST /nodes/pve1/qemu/9001/clone");
  const listed = await repository.run(["template", "list"]);
  expect(listed.stdout).toMatch(/^9001 +nixos-26\.05-v2 .* nixos-26\.05 +- +101$/m);

  version = "nixos-26.05-v3";
  const next = await repository.run(importing);
  expect(next.exitCode, next.stderr).toBe(0);
  expect(JSON.parse(await repository.read("vm-specs/_site.json")).templates["nixos-26.05"].vmId).toBe(9002);
  const planned = await repository.run(["plan", "demo"]);
  expect(planned.exitCode, planned.stdout + planned.stderr).toBe(0);

  // The template of a release that nobody mends any more.
  const site = JSON.parse(await repository.read("vm-specs/_site.json"));
  site.templates["nixos-26.05"].release = "24.05";
  await repository.write("vm-specs/_site.json", JSON.stringify(site));
  const old = await repository.run(["plan", "demo"]);
  expect(old.exitCode, old.stdout + old.stderr).toBe(0);
  expect(old.stdout + old.stderr).toContain(
    "/templates/nixos-26.05/release: is past its end of life, which was 2024-12-31",
  );
});
