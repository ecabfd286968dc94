import { chmodSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type NodeLab, openNodeLab } from "./node-lab.ts";

function configOf(lab: NodeLab, vmId = 8000): Record<string, string> {
  const lines = (lab.config(vmId) ?? "").split("\n").filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
}

test("A VMA becomes a template with a MAC of its own, a grown disk and a cloud-init drive on our storage.", async () => {
  const lab = openNodeLab();
  const { file, sha256 } = lab.image("vma.zst");
  const { exitCode, all } = await lab.run(["--sha256", sha256.toUpperCase(), "--name", "nixos-base-2", file]);
  expect(exitCode, all).toBe(0);
  expect(configOf(lab)).toMatchObject({
    name: "nixos-base-2",
    template: "1",
    virtio0: "good:vm-8000-disk-0,size=16G",
    ide2: "good:vm-8000-cloudinit,media=cdrom",
    boot: "order=virtio0",
    serial0: "socket",
    agent: "enabled=1",
    net0: "virtio,bridge=vmbr0",
    tags: "base;nixos",
    ciupgrade: "0",
  });
  expect(lab.calls()).toContain(`qmrestore ${file} 8000 --storage good --unique 1`);
  // Last: a template does not change any more.
  expect(lab.calls().at(-1)).toBe("qm template 8000");
  expect(lab.exists("imports/8000.unfinished")).toBe(false);
  expect(lab.exists("nixos.vma.zst")).toBe(true);
});

test("A qcow2 becomes a template too, and a disk that is large enough is left as it is.", async () => {
  const lab = openNodeLab();
  const { file, sha256 } = lab.image("qcow2");
  const { exitCode, all } = await lab.run(["--sha256", sha256, "--size-gib", "3", file]);
  expect(exitCode, all).toBe(0);
  expect(configOf(lab)).toMatchObject({
    name: "nixos-base",
    template: "1",
    ide2: "good:vm-8000-cloudinit,media=cdrom",
  });
  expect(configOf(lab)["virtio0"]).toContain("size=3G");
  expect(lab.calls().join("\n")).toContain(`import-from=${file},`);
});

test("An image is downloaded once, and not kept when it became a template.", async () => {
  const lab = openNodeLab();
  const { sha256 } = lab.image("vma.zst");
  const url = "https://example.org/download/1/nixos.vma.zst";
  lab.write("vms/8000", "name: somebodys\n");
  expect((await lab.run(["--sha256", sha256, url])).exitCode).toBe(4);
  expect(lab.exists(`imports/${sha256}.vma.zst`)).toBe(true);
  const { exitCode, all } = await lab.run(["--vmid", "8001", "--sha256", sha256, url]);
  expect(exitCode, all).toBe(0);
  expect(lab.calls().filter((call) => call.startsWith("curl"))).toHaveLength(1);
  expect(lab.config(8001)).toContain("template: 1");
  expect(lab.exists(`imports/${sha256}.vma.zst`)).toBe(false);
});

test("A download that is not what was promised becomes no template.", async () => {
  const lab = openNodeLab();
  lab.image("qcow2");
  const { exitCode } = await lab.run(["--sha256", "0".repeat(64), "https://example.org/nixos.qcow2"]);
  expect(exitCode).toBe(3);
  expect(lab.config(8000)).toBeUndefined();
});

test("Without a checksum, or with a wrong one, nothing is taken.", async () => {
  const lab = openNodeLab();
  const { file } = lab.image("qcow2");
  const without = await lab.run([file]);
  expect(without.exitCode).toBe(2);
  expect(without.all).toContain("--sha256 is needed");
  expect(lab.calls()).toEqual([]);
  const wrong = await lab.run(["--sha256", "0".repeat(64), file]);
  expect(wrong.exitCode).toBe(3);
  expect(lab.calls()).toEqual(["pvesm status --storage good"]);
});

test("A storage that is not there is refused before the image is looked at.", async () => {
  const lab = openNodeLab();
  const { file, sha256 } = lab.image("qcow2");
  const { exitCode, all } = await lab.run(["--sha256", sha256, "--storage", "gone", file]);
  expect(exitCode).toBe(5);
  expect(all).toContain("storage gone is not there");
});

test("A machine that has the VMID is left alone, here and on another node, whatever is asked for.", async () => {
  const lab = openNodeLab();
  const { file, sha256 } = lab.image("qcow2");
  lab.write("vms/8000", "name: somebodys\n");
  lab.write("elsewhere/8001", "");
  for (const vmId of ["8000", "8001"]) {
    const { exitCode, all } = await lab.run(["--vmid", vmId, "--sha256", sha256, "--replace-template", file]);
    expect(exitCode, all).toBe(4);
    expect(all).toContain("left alone");
  }
  expect(lab.config(8000)).toBe("name: somebodys\n");
});

test("A template that has the VMID is removed only when that is asked for, and not while linked clones need it.", async () => {
  const lab = openNodeLab();
  const { file, sha256 } = lab.image("qcow2");
  lab.write("vms/8000", "name: old\ntemplate: 1\n");
  const refused = await lab.run(["--sha256", sha256, file]);
  expect(refused.exitCode).toBe(4);
  expect(refused.all).toContain("--replace-template removes it first");
  lab.write("linked", "");
  const linked = await lab.run(["--sha256", sha256, "--replace-template", file]);
  expect(linked.exitCode).toBe(4);
  expect(linked.all).toContain("linked clones may need it");
  expect(configOf(lab)["name"]).toBe("old");
});

test("Asked to replace a template, it does.", async () => {
  const lab = openNodeLab();
  const { file, sha256 } = lab.image("qcow2");
  lab.write("vms/8000", "name: old\ntemplate: 1\n");
  const { exitCode, all } = await lab.run(["--sha256", sha256, "--replace-template", file]);
  expect(exitCode, all).toBe(0);
  expect(configOf(lab)).toMatchObject({ name: "nixos-base", template: "1" });
});

test.for(["qcow2", "vma"])(
  "A storage that runs full in the middle of a %s leaves no machine behind.",
  async (ending) => {
    const lab = openNodeLab();
    const { file, sha256 } = lab.image(ending);
    lab.write("full", "");
    const { exitCode, all } = await lab.run(["--sha256", sha256, file]);
    expect(exitCode, all).toBe(5);
    expect(all).toContain("No space left on device");
    expect(lab.config(8000)).toBeUndefined();
    expect(lab.exists("imports/8000.unfinished")).toBe(false);
  },
);

async function untilHanging(lab: NodeLab): Promise<void> {
  for (const end = performance.now() + 20_000; !lab.exists("hanging") && performance.now() < end; )
    await sleep(20);
  expect(lab.exists("hanging")).toBe(true);
}

test("An interrupted import removes what it began.", async () => {
  const lab = openNodeLab();
  const { file, sha256 } = lab.image("qcow2");
  lab.write("hang", "");
  const run = lab.run(["--sha256", sha256, file]);
  await untilHanging(lab);
  process.kill(-(run.pid ?? 0), "SIGINT");
  expect((await run).exitCode).not.toBe(0);
  expect(lab.config(8000)).toBeUndefined();
});

test("An import that was killed is cleared away by the next one, which then succeeds.", async () => {
  const lab = openNodeLab();
  const { file, sha256 } = lab.image("qcow2");
  lab.write("hang", "");
  const run = lab.run(["--sha256", sha256, file]);
  await untilHanging(lab);
  process.kill(-(run.pid ?? 0), "SIGKILL");
  await run;
  expect(lab.config(8000)).toContain("lock: create");
  rmSync(`${lab.root}/hang`);
  const { exitCode, all } = await lab.run(["--sha256", sha256, file]);
  expect(exitCode, all).toBe(0);
  expect(all).toContain("removing what an interrupted import left in 8000");
  expect(configOf(lab)).toMatchObject({ template: "1" });
  expect(configOf(lab)["lock"]).toBeUndefined();
});

test("A template is not taken for what an interrupted import left.", async () => {
  const lab = openNodeLab();
  const { file, sha256 } = lab.image("qcow2");
  lab.write("vms/8000", "name: finished\ntemplate: 1\n");
  lab.write("imports/8000.unfinished", "nixos-base\n");
  expect((await lab.run(["--sha256", sha256, file])).exitCode).toBe(4);
  expect(configOf(lab)["name"]).toBe("finished");
});

test("From another computer the same happens over ssh.", async () => {
  const lab = openNodeLab();
  const { file, sha256 } = lab.image("qcow2");
  // The node is this computer, in a shell that splits its arguments as a remote one does.
  const ssh = `#!/usr/bin/env bash
echo "ssh $1 \${2:0:7}" >>"$LAB/calls"
shift
cd "$LAB" && exec bash -c "\${*//\\/var\\/tmp\\/nixherd-import/$LAB/imports}"`;
  lab.write("bin/ssh", ssh);
  chmodSync(`${lab.root}/bin/ssh`, 0o755);
  const first = await lab.run(["--sha256", sha256, "--host", "root@pve1", file]);
  expect(first.exitCode, first.all).toBe(0);
  expect(configOf(lab)).toMatchObject({ name: "nixos-base", template: "1" });
  expect(lab.calls().filter((call) => call.startsWith("ssh"))).toHaveLength(3);
  expect(lab.calls().join("\n")).toContain(`import-from=${lab.root}/imports/${sha256}.qcow2,`);
});
