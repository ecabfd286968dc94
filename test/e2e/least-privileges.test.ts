import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startProvider } from "../../embedded/start-provider.ts";
import { callApi } from "./call-api.ts";
import { machine, site } from "./machine-specs.ts";
import { StackUnderTest } from "./stack-of.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "./test-repository.ts";

/** The privileges in the README's `pveum role add` line. */
function privilegesOfReadme(): string {
  const privileges = /pveum role add Nixherd -privs "([^"]+)"/.exec(readFileSync("README.md", "utf8"))?.[1];
  if (privileges === undefined) throw new Error("README.md has no role");
  return privileges;
}

/** Does on the embedded cluster what the README's `pveum` lines do, and gives the token. */
async function createUserOfReadme(repository: TestRepository): Promise<string> {
  await callApi(repository, "POST", "access/roles", { roleid: "Nixherd", privs: privilegesOfReadme() });
  await callApi(repository, "POST", "access/users", { userid: "ops@pve" });
  await callApi(repository, "PUT", "access/acl", { path: "/", users: "ops@pve", roles: "Nixherd" });
  const token = await callApi(repository, "POST", "access/users/ops@pve/token/deploy", { privsep: "0" });
  const { "full-tokenid": id, value } = token as Record<string, string>;
  return `${id}=${value}`;
}

test("the README's role is enough for the whole life of a machine", async () => {
  const [binary = "tofu"] = terraformBinaries();
  const repository = await createTestRepository(binary, { _site: site, "demo/web-1": machine(101) });
  const environment = repository.environment as Record<string, string>;
  environment["PROXMOX_VE_API_TOKEN"] = await createUserOfReadme(repository);
  const provider = await startProvider({ environment, log: () => undefined, onEnd: () => undefined });
  try {
    environment["TF_REATTACH_PROVIDERS"] = provider.reattach;
    const stack = new StackUnderTest(repository, "demo");
    await stack.deploy();
    const disks = [
      { slot: "virtio0", sizeGiB: 12, datastore: "local-lvm" },
      { slot: "scsi1", sizeGiB: 2, datastore: "local-lvm" },
    ];
    repository.write(
      "vm-specs/demo/web-1.json",
      machine(101, {
        disks,
        node: "pve2",
        cpu: { cores: 2 },
        memory: { sizeMiB: 2048 },
        tags: ["moved"],
        dns: { servers: ["10.0.20.1"] },
      }),
    );
    const dhcp = [{ bridge: "vmbr0", ipv4: { dhcp: true } }];
    repository.write("vm-specs/demo/db-1.json", machine(102, { networks: dhcp }));
    await stack.deploy();
    expect(await stack.plan()).toEqual([]);
    const destroyed = await stack.terraform("destroy", "-input=false", "-auto-approve");
    expect(destroyed.exitCode, destroyed.all).toBe(0);
  } finally {
    await provider.stop();
    await repository.close();
  }
});
