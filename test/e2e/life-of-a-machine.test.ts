import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { machine, site } from "./machine-specs.ts";
import { StackUnderTest } from "./stack-of.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "./test-repository.ts";

const vm = (id: number) => `proxmox_virtual_environment_vm.vm-${id}`;
const hook = (id: number) => `terraform_data.nixos-${id}`;

// One story per binary: every test goes on where the one before it ended.
describe.each(terraformBinaries().map((binary) => [basename(binary), binary]))("with %s", (_, binary) => {
  let repository: TestRepository;
  let stack: StackUnderTest;

  beforeAll(async () => {
    repository = await createTestRepository(binary, { _site: site, "demo/web-1": machine(101) });
    stack = new StackUnderTest(repository, "demo");
  });

  afterAll(() => repository?.close());

  test("a spec becomes a machine that runs its NixOS configuration", async () => {
    await stack.deploy();
    const shown = await repository.run("ssh", [
      "-F",
      repository.environment["NIXHERD_SSH_CONFIG"] ?? "",
      "-o",
      "StrictHostKeyChecking=accept-new",
      "-o",
      `UserKnownHostsFile=${repository.root}/.known`,
      "root@10.0.20.101",
      "nixos-version --json",
    ]);
    expect(shown.exitCode, shown.all).toBe(0);
  });

  test("a second plan is empty", async () => {
    expect(await stack.plan()).toEqual([]);
  });

  test("a refresh changes nothing but what the provider learns after a create", async () => {
    expect(await stack.plan("-refresh-only")).toEqual([]);
  });

  test("the output names every machine with address and ssh command", async () => {
    const output = await stack.terraform("output", "-json", "machines");
    expect(JSON.parse(output.stdout)).toMatchObject({
      101: { id: 101, name: "web-1", node: "pve1", address: "10.0.20.101", ssh: "ssh root@10.0.20.101" },
    });
  });

  test("a live change updates the machine and leaves its NixOS step alone", async () => {
    repository.write("vm-specs/demo/web-1.json", machine(101, { tags: ["web"], description: "front" }));
    await stack.synth();
    expect(await stack.plan()).toEqual([`${vm(101)}: update`]);
    await stack.deploy();
    expect(await stack.plan()).toEqual([]);
  });

  test("more memory power-cycles the machine in place", async () => {
    repository.write("vm-specs/demo/web-1.json", machine(101, { memory: { sizeMiB: 2048 } }));
    await stack.synth();
    expect(await stack.plan()).toEqual([`${vm(101)}: update`]);
    await stack.deploy();
    expect(await stack.plan()).toEqual([]);
  });

  test("a larger disk grows in place", async () => {
    const disks = [{ slot: "virtio0", sizeGiB: 12, datastore: "local-lvm" }];
    repository.write("vm-specs/demo/web-1.json", machine(101, { disks }));
    await stack.synth();
    expect(await stack.plan()).toEqual([`${vm(101)}: update`]);
    await stack.deploy();
    expect(await stack.plan()).toEqual([]);
  });

  test("a renamed file renames the machine in place and runs the NixOS step for its new host name", async () => {
    repository.remove("vm-specs/demo/web-1.json");
    repository.write(
      "vm-specs/demo/front-1.json",
      machine(101, { disks: [{ slot: "virtio0", sizeGiB: 12, datastore: "local-lvm" }] }),
    );
    await stack.synth();
    expect(await stack.plan()).toEqual([`${vm(101)}: update`, `${hook(101)}: delete+create`]);
    await stack.deploy();
    expect(await stack.plan()).toEqual([]);
  });

  test("an added SSH key changes nothing on the machine itself", async () => {
    const key =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK1kYq7b4M5b0zOQ2xk8bqP7S0c5V1yM3mX9mT0q2LGq second@example";
    const spec = machine(101, { disks: [{ slot: "virtio0", sizeGiB: 12, datastore: "local-lvm" }] }) as {
      access: { sshKeys: string[] };
    };
    repository.write("vm-specs/demo/front-1.json", {
      ...spec,
      access: { sshKeys: [...spec.access.sshKeys, key] },
    });
    await stack.synth();
    expect(await stack.plan()).toEqual([`${hook(101)}: delete+create`]);
    await stack.deploy();
  });

  test("a second spec adds a machine and touches no other", async () => {
    repository.write("vm-specs/demo/db-1.json", machine(102));
    await stack.synth();
    expect(await stack.plan()).toEqual([`${vm(102)}: create`, `${hook(102)}: create`]);
    await stack.deploy();
  });

  test("a failing hook fails the deploy, and once it is mended the next deploy runs it and only it", async () => {
    repository.write(
      "hooks/announce.sh",
      "#!/usr/bin/env bash\necho 'the load balancer is away' >&2\nexit 7\n",
    );
    repository.write(
      "vm-specs/demo/db-1.json",
      machine(102, { hooks: { postApply: ["hooks/announce.sh"] } }),
    );
    await stack.synth();
    const failed = await stack.apply();
    expect(failed.exitCode).toBe(1);
    expect(failed.all).toContain("the load balancer is away");

    repository.write("hooks/announce.sh", "#!/usr/bin/env bash\nexit 0\n");
    expect(await stack.plan()).toEqual([`${hook(102)}: delete+create`]);
    await stack.deploy();
    expect(await stack.plan()).toEqual([]);
  });

  test("a removed spec destroys its machine and no other", async () => {
    repository.remove("vm-specs/demo/db-1.json");
    await stack.synth();
    expect(await stack.plan()).toEqual([`${vm(102)}: delete`, `${hook(102)}: delete`]);
    await stack.deploy();
    expect(await stack.plan()).toEqual([]);
  });

  test("destroy removes what is left", async () => {
    const destroyed = await stack.terraform("destroy", "-input=false", "-auto-approve");
    expect(destroyed.exitCode, destroyed.all).toBe(0);
    expect(await stack.plan("-destroy")).toEqual([]);
  });
});
