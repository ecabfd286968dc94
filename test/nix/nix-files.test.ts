import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergePatch } from "../../specs/merge-patch.ts";
import { evaluateNix, noNix } from "./evaluate-nix.ts";
import { machinesByNix, machinesByTypeScript } from "./machines-by.ts";

const repository = join(import.meta.dirname, "../..");

test("every Nix file parses", ({ skip }) => {
  skip(noNix !== "", noNix);
  const below = readdirSync(join(repository, "nix"), { recursive: true, encoding: "utf8" });
  const files = [
    "flake.nix",
    ...below.filter((file) => file.endsWith(".nix")).map((file) => join("nix", file)),
  ];
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) {
    const { status, stderr } = spawnSync("nix-instantiate", ["--parse", join(repository, file)], {
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
  }
});

test("the merge of defaults in Nix agrees with the one in TypeScript", ({ skip }) => {
  skip(noNix !== "", noNix);
  // Not __proto__: reading refuses it as a key of a spec.
  const key = fc.constantFrom("a", "b", "$schema", "a.b", "", "ä", "0", "or");
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(key, tie("json"), { maxKeys: 4 }),
    ),
  }));
  const object = fc.dictionary(key, json, { maxKeys: 5 });
  const cases = fc.sample(fc.record({ target: object, patch: object }), { numRuns: 2000, seed: 7396 });
  const folder = mkdtempSync(join(tmpdir(), "nixherd-merge-"));
  try {
    writeFileSync(join(folder, "cases.json"), JSON.stringify(cases));
    const merged = evaluateNix(
      `let mergePatch = import ${repository}/nix/merge-patch.nix; in ` +
        `map (case: mergePatch case.target case.patch) (builtins.fromJSON (builtins.readFile ${folder}/cases.json))`,
    );
    // By way of JSON, as the specs come.
    const read: { target: never; patch: never }[] = JSON.parse(JSON.stringify(cases));
    expect(merged).toEqual(read.map(({ target, patch }) => mergePatch(target, patch)));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the repository's own machines are the same for Nix and for TypeScript", ({ skip }) => {
  skip(noNix !== "", noNix);
  const machines = machinesByTypeScript(repository);
  expect(Object.keys(machines as object)).toContain("web-1");
  expect(machinesByNix([repository])[0]).toEqual(machines);
});

const key = (comment: string): string =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ${comment}`;
const machine = (vmId: number, more: object = {}): object => ({
  vmId,
  disks: [{ slot: "virtio0", sizeGiB: 8, datastore: "local-lvm" }],
  networks: [{ bridge: "vmbr0", ipv4: { address: `10.0.0.${vmId - 90}/24` } }],
  ...more,
});

/** A repository that uses what the two sides could see differently. */
const manyKindsOfMachines: Readonly<Record<string, unknown>> = {
  "vm-specs/_site.json": {
    templates: {
      bios: { name: "bios", rootDisk: { sizeGiB: 4 } },
      efi: { name: "efi", rootDisk: { sizeGiB: 4 }, firmware: "ovmf", efiType: "4m" },
    },
    stacks: { a: { domain: "a.example.org" }, b: { domain: "b.example.org" } },
  },
  "vm-specs/_defaults.json": {
    node: "pve1",
    template: "bios",
    access: { sshKeys: [key("everyone")] },
    nixos: { modules: ["nix/common.nix"], settings: { tier: "low", deep: { one: 1, two: 2 } } },
  },
  "vm-specs/a/_defaults.json": { access: { user: "ops" }, nixos: { settings: { tier: "middle" } } },
  "vm-specs/a/plain.json": machine(101),
  "vm-specs/a/own-name.json": machine(102, { name: "renamed" }),
  "vm-specs/a/own-modules.json": machine(103, {
    nixos: { modules: [], settings: { deep: { one: null, three: [1] } } },
  }),
  "vm-specs/a/unmanaged.json": machine(104, { nixos: false }),
  "vm-specs/a/key-file.json": machine(105, { access: { sshKeys: [], sshKeyFiles: ["keys/ops.pub"] } }),
  "vm-specs/b/plain.json": machine(106, { nixos: { attribute: "plain-of-b" } }),
  "vm-specs/b/efi.json": machine(107, {
    template: { name: "efi" },
    boot: { efi: { datastore: "local-lvm" } },
  }),
};

test("defaults, names, key files, unmanaged machines and templates are read alike", ({ skip }) => {
  skip(noNix !== "", noNix);
  const root = mkdtempSync(join(tmpdir(), "nixherd-specs-"));
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  try {
    for (const [path, value] of Object.entries(manyKindsOfMachines)) write(path, JSON.stringify(value));
    write("vm-specs/README.md", "not a spec\n");
    write("nix/common.nix", "{ }\n");
    write("keys/ops.pub", `# operators\n${key("one")}\n\n${key("two").replace("Hh8g", "Hh8h")}\n`);
    const machines = machinesByTypeScript(root);
    expect(Object.keys(machines as object).sort()).toEqual(
      ["efi", "key-file", "own-modules", "plain", "plain-of-b", "renamed"].sort(),
    );
    expect(machinesByNix([root])).toEqual([machines]);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("two machines for one attribute are refused with both names", ({ skip }) => {
  skip(noNix !== "", noNix);
  const root = mkdtempSync(join(tmpdir(), "nixherd-specs-"));
  try {
    for (const stack of ["a", "b"]) {
      mkdirSync(join(root, "vm-specs", stack), { recursive: true });
      writeFileSync(join(root, "vm-specs", stack, "web-1.json"), "{}");
    }
    expect(() => machinesByNix([root])).toThrow(/a\/web-1 and b\/web-1 are both nixosConfigurations\.web-1/);
  } finally {
    rmSync(root, { recursive: true });
  }
});
