import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startProvider } from "../../embedded/start-provider.ts";
import { callApi } from "./call-api.ts";
import { machine, site } from "./machine-specs.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { type CommandResult, createTestRepository, type TestRepository } from "./test-repository.ts";

const nixherd = resolve("cli/nixherd.js");
let repository: TestRepository;

beforeAll(async () => {
  const [binary = "tofu"] = terraformBinaries();
  repository = await createTestRepository(binary, { _site: site });
});

beforeEach(async () => {
  await nixherdWith({}, "destroy", "demo", "--yes");
  repository.write("vm-specs/_site.json", site);
  repository.write("vm-specs/demo/web-1.json", machine(101));
});

afterAll(() => repository?.close());

/** Runs nixherd with variables laid over the repository's environment. */
function nixherdWith(environment: Record<string, string>, ...args: string[]): Promise<CommandResult> {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return repository.run("env", [...assignments, "node", nixherd, ...args]);
}

const apply = (environment: Record<string, string> = {}) =>
  nixherdWith(environment, "apply", "demo", "--yes");

/** One sentence of what, one of what to do, and the exit code that docs/errors.md promises. */
function expectFailure(result: CommandResult, code: string, what: RegExp, toDo: RegExp): void {
  expect(result.exitCode, result.all).toBe(1);
  expect(result.all).toMatch(new RegExp(`error ${code}: .*${what.source}`));
  expect(result.all).toMatch(new RegExp(`-> .*${toDo.source}`));
}

/** The embedded provider reads its environment when it starts, as the real one does in every run. */
async function withProvider(
  environment: Record<string, string>,
  use: (reattach: string) => Promise<void>,
): Promise<void> {
  const provider = await startProvider({
    environment: { ...repository.environment, ...environment },
    log: () => undefined,
    onEnd: () => undefined,
  });
  try {
    await use(provider.reattach);
  } finally {
    await provider.stop();
  }
}

test("a wrong token is said, and how a token looks", async () => {
  const token = "nixherd@pve!embedded=00000000-0000-0000-0000-000000000000";
  await withProvider({ PROXMOX_VE_API_TOKEN: token }, async (reattach) => {
    const result = await apply({ TF_REATTACH_PROVIDERS: reattach, PROXMOX_VE_API_TOKEN: token });
    expectFailure(result, "WRONG_TOKEN", /refused the API token/, /PROXMOX_VE_API_TOKEN/);
    expect(result.all).not.toContain("00000000-0000");
  });
});

test("an endpoint that nobody answers at is named", async () => {
  const endpoint = "https://127.0.0.1:1/";
  await withProvider({ PROXMOX_VE_ENDPOINT: endpoint }, async (reattach) => {
    const result = await apply({ TF_REATTACH_PROVIDERS: reattach, PROXMOX_VE_ENDPOINT: endpoint });
    expectFailure(result, "CLUSTER_UNREACHABLE", /127\.0\.0\.1:1/, /PROXMOX_VE_ENDPOINT/);
  });
});

test("a certificate that is not trusted is said, and which variable trusts it", async () => {
  await withProvider({ SSL_CERT_FILE: "" }, async (reattach) => {
    const result = await apply({ TF_REATTACH_PROVIDERS: reattach, SSL_CERT_FILE: "" });
    expectFailure(result, "TLS_NOT_TRUSTED", /certificate/, /SSL_CERT_FILE/);
  });
});

test("a template that is not there stops the plan", async () => {
  repository.write("vm-specs/_site.json", {
    templates: { nixos: { ...site.templates.nixos, name: "nixos-27.05-v1" } },
  });
  expectFailure(await apply(), "TEMPLATE_MISSING", /nixos-27\.05-v1/, /_site\.json/);
});

test("a VMID that a foreign machine has is refused before anything is done, and the machine stays", async () => {
  await callApi(repository, "POST", "nodes/pve2/qemu", { vmid: "101", name: "foreign" });
  try {
    expectFailure(await apply(), "VMID_TAKEN", /101/, /vmId/);
    const config = await callApi(repository, "GET", "nodes/pve2/qemu/101/config");
    expect(config).toMatchObject({ name: "foreign" });
  } finally {
    await callApi(repository, "DELETE", "nodes/pve2/qemu/101");
  }
});

test("a datastore that does not exist is named", async () => {
  const disks = [
    { slot: "virtio0", sizeGiB: 8, datastore: "local-lvm" },
    { slot: "virtio1", sizeGiB: 1, datastore: "fast" },
  ];
  repository.write("vm-specs/demo/web-1.json", machine(101, { disks }));
  expectFailure(await apply(), "DATASTORE_MISSING", /fast/, /datastore/);
});

test("a bridge that does not exist is named", async () => {
  const networks = [{ bridge: "vmbr9", ipv4: { address: "10.0.20.101/24" } }];
  repository.write("vm-specs/demo/web-1.json", machine(101, { networks }));
  expectFailure(await apply(), "BRIDGE_MISSING", /vmbr9/, /bridge/);
});

test("a node that does not exist is named", async () => {
  repository.write("vm-specs/demo/web-1.json", machine(101, { node: "pve7" }));
  expectFailure(await apply(), "NODE_DOWN", /pve7/, /node in the spec/);
  // The clone stays behind on the template's node, known to no state.
  await callApi(repository, "DELETE", "nodes/pve1/qemu/101");
});

test("a node that is down is said, and its machine is left as it is", async () => {
  repository.write("vm-specs/demo/web-1.json", machine(101, { node: "pve2" }));
  const first = await apply();
  expect(first.exitCode, first.all).toBe(0);
  repository.cluster.downNodes.add("pve2");
  try {
    repository.write("vm-specs/demo/web-1.json", machine(101, { node: "pve2", tags: ["other"] }));
    expectFailure(await apply(), "NODE_DOWN", /down or does not exist/, /pvecm status/);
  } finally {
    repository.cluster.downNodes.delete("pve2");
  }
  const again = await apply();
  expect(again.exitCode, again.all).toBe(0);
  expect(again.all).not.toContain("create, then");
});

test("a machine that refuses SSH is said with its address, and the next apply runs only its NixOS step", async () => {
  const closed = join(repository.root, "closed_ssh_config");
  writeFileSync(closed, "Host *\n  HostName 127.0.0.1\n  Port 1\n");
  repository.write(
    "vm-specs/demo/web-1.json",
    machine(101, { nixos: { buildOn: "target", deadlineSeconds: 10 } }),
  );
  expectFailure(await apply({ NIXHERD_SSH_CONFIG: closed }), "SSH_REFUSED", /10\.0\.20\.101/, /./);
  const again = await apply();
  expect(again.exitCode, again.all).toBe(0);
  expect(again.all).not.toContain("vm-101: creating");
});

test("a host key that changed is refused with both fingerprints where no agent vouches for it", async () => {
  const withoutAgent = machine(101, { agent: { enabled: false } });
  repository.write("vm-specs/demo/web-1.json", withoutAgent);
  const first = await apply();
  expect(first.exitCode, first.all).toBe(0);
  const [record = ""] = readdirSync(join(repository.root, "vm-specs", "_host-keys"));
  expect(record).toBe("101.pub");
  await nixherdWith({}, "destroy", "demo", "--yes");

  const changed = await apply();
  expectFailure(changed, "HOST_KEY_CHANGED", /101|web-1/, /_host-keys/);
  expect(changed.all.match(/SHA256:[A-Za-z0-9+/]{20,}/g)?.length).toBeGreaterThanOrEqual(2);
  rmSync(join(repository.root, "vm-specs", "_host-keys"), { recursive: true });
});

test("a hook that is not executable is said with its path", async () => {
  const hook = join(repository.root, "scripts", "hooks", "post-apply.sh");
  chmodSync(hook, 0o644);
  try {
    const result = await apply();
    expectFailure(result, "HOOK_NOT_EXECUTABLE", /126/, /chmod \+x/);
    expect(result.all).toContain("scripts/hooks/post-apply.sh: Permission denied");
  } finally {
    chmodSync(hook, 0o755);
  }
});

test("a Terraform that is named and missing is said", async () => {
  expectFailure(
    await apply({ TERRAFORM_BINARY_NAME: "tofu-not-here" }),
    "TERRAFORM_NAMED_MISSING",
    /tofu-not-here/,
    /./,
  );
});

test("a Terraform that is too old is said with the version that is needed", async () => {
  repository.write("old/terraform.sh", "#!/bin/sh\necho Terraform v1.5.7\n");
  const old = join(repository.root, "old", "terraform.sh");
  expectFailure(
    await apply({ TERRAFORM_BINARY_NAME: old }),
    "TERRAFORM_TOO_OLD",
    /1\.5\.7.*older than 1\.9/,
    /scripts\/setup/,
  );
});

test("a Terraform configuration file that does not exist is said once and left out", async () => {
  const environment = { TF_CLI_CONFIG_FILE: "/nowhere/terraformrc" };
  expect((await apply(environment)).exitCode).toBe(0);
  const output = await nixherdWith(environment, "output", "demo");
  expect(output.exitCode, output.all).toBe(0);
  expect(output.stdout).toContain("10.0.20.10");
  expect(output.all.match(/\/nowhere\/terraformrc, which does not exist/g)).toHaveLength(1);
});

test("a state that somebody else holds is said with who holds it", async () => {
  const [holding, released] = ["holding", "released"].map((name) => join(repository.root, name));
  repository.write(
    "hooks/hold.sh",
    `#!/usr/bin/env bash\ntouch "${holding}"\nfor _ in {1..600}; do [[ -e "${released}" ]] && exit; sleep 0.1; done\n`,
  );
  repository.write(
    "vm-specs/demo/web-1.json",
    machine(101, { nixos: false, hooks: { postApply: ["hooks/hold.sh"] } }),
  );
  const holder = apply();
  await expect.poll(() => readdirSync(repository.root), { timeout: 30_000 }).toContain("holding");
  const second = await apply();
  repository.write("released", "");
  expectFailure(second, "STATE_LOCKED", /locked by/, /let it end cleanly with: kill -INT \d+/);
  expect((await holder).exitCode).toBe(0);
});

test("an output folder that cannot take the configuration keeps the last one", async () => {
  const synthesized = await nixherdWith({}, "synth");
  expect(synthesized.exitCode, synthesized.all).toBe(0);
  const file = join(repository.root, "cdktf.out", "stacks", "demo", "cdk.tf.json");
  const before = readFileSync(file, "utf8");
  repository.write("vm-specs/demo/web-1.json", machine(101, { tags: ["other"] }));
  // A process that may not write files beyond one block meets the same end as a full disk.
  const full = await repository.run("bash", ["-c", "ulimit -f 1; exec node stacks/main.ts"]);
  expectFailure(full, "SYNTH_NOT_WRITTEN", /cdktf\.out/, /[Ff]ree space/);
  expect(readFileSync(file, "utf8")).toBe(before);
  expect(readdirSync(join(repository.root, "cdktf.out")).sort()).toEqual(["manifest.json", "stacks"]);
});

test("specs with problems end with exit code 2 and nothing is written", async () => {
  repository.write("vm-specs/demo/web-1.json", machine(101, { vlan: 5 }));
  const result = await apply();
  expect(result.exitCode).toBe(2);
  expect(result.all).toContain("vm-specs/demo/web-1.json:/vlan: ");
});
