import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readFleet } from "../../specs/read-fleet.ts";
import { noNix } from "./evaluate-nix.ts";
import { machinesByNix, machinesByTypeScript } from "./machines-by.ts";

const key = (comment: string): string =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ${comment}`;

/** Left out, taken away by null, or a value. */
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const settings = fc.dictionary(
  fc.constantFrom("domain", "tier", "a.b", "", "or", "ä"),
  fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
    fc.array(fc.integer(), { maxLength: 2 }),
    fc.dictionary(
      fc.constantFrom("x", "y"),
      fc.oneof(fc.constant(null), fc.integer(), fc.array(fc.boolean())),
      {
        maxKeys: 2,
      },
    ),
  ),
  { maxKeys: 3 },
);

const nixos = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(false, null) },
  {
    weight: 4,
    arbitrary: fc.record(
      {
        modules: maybe(fc.subarray(["nix/a.nix", "nix/b.nix", "nix/c.nix"])),
        settings: maybe(settings),
        buildOn: maybe(fc.constantFrom("local", "target")),
        health: maybe(fc.constant([{ unit: "nginx.service" }])),
      },
      { requiredKeys: [] },
    ),
  },
);

const access = fc.record(
  {
    user: maybe(fc.constantFrom("root", "ops", "admin")),
    sshKeys: maybe(fc.subarray([key("one"), key("two").replace("Hh8g", "Hh8h")])),
    sshKeyFiles: maybe(fc.subarray(["keys/ops.pub", "keys/more.pub"])),
  },
  { requiredKeys: [] },
);

const shared = fc.record(
  { nixos, access, dns: maybe(fc.record({ domain: fc.constant("example.org") })) },
  { requiredKeys: [] },
);

const template = fc.constantFrom(
  {},
  { template: "efi", boot: { efi: { datastore: "local-lvm" } } },
  { template: { name: "efi" }, boot: { firmware: "ovmf", efi: { datastore: "local-lvm" } } },
  { template: { name: "bios", full: false } },
);

const machine = fc
  .tuple(shared, template, fc.record({ name: maybe(fc.constant("renamed")) }, { requiredKeys: [] }))
  .map((parts) => Object.assign({}, ...parts));

const fleet = fc.record({
  defaults: shared,
  stacks: fc.array(
    fc.record({ defaults: fc.option(shared), machines: fc.array(machine, { maxLength: 3 }) }),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
});

type GeneratedFleet = typeof fleet extends fc.Arbitrary<infer T> ? T : never;

/** Writes a repository in which only what is generated differs. */
function writeFleet(root: string, { defaults, stacks }: GeneratedFleet): void {
  const write = (path: string, content: unknown): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  };
  for (const name of ["a", "b", "c"]) write(`nix/${name}.nix`, "{ }\n");
  write("keys/ops.pub", `# operators\n${key("ops")}\n`);
  write("keys/more.pub", `${key("more")}\r\n  \r\n\t# indented\r\n  ${key("again")} \r\n`);
  const catalogue = { rootDisk: { sizeGiB: 4 } };
  write("vm-specs/_site.json", {
    templates: {
      bios: { name: "bios", ...catalogue },
      efi: { name: "efi", firmware: "ovmf", efiType: "4m", ...catalogue },
    },
  });
  write("vm-specs/_defaults.json", { node: "pve1", template: "bios", ...defaults });
  for (const [stackIndex, stack] of stacks.entries()) {
    const folder = `vm-specs/stack-${stackIndex}`;
    mkdirSync(join(root, folder), { recursive: true });
    if (stack.defaults !== null) write(`${folder}/_defaults.json`, stack.defaults);
    for (const [index, spec] of stack.machines.entries()) {
      const number = stackIndex * 10 + index;
      write(`${folder}/vm-${number}.json`, {
        vmId: 100 + number,
        disks: [{ slot: "virtio0", sizeGiB: 8, datastore: "local-lvm" }],
        networks: [{ bridge: "vmbr0", ipv4: { address: `10.0.0.${number + 1}/24` } }],
        ...spec,
        ...(spec.name === "renamed" ? { name: `renamed-${number}` } : {}),
      });
    }
  }
}

test("Nix and TypeScript read every generated fleet alike: defaults, nulls, lists, keys, templates", ({
  skip,
}) => {
  skip(noNix !== "", noNix);
  const folder = mkdtempSync(join(tmpdir(), "nixherd-fleets-"));
  try {
    const roots = fc.sample(fleet, { numRuns: 150, seed: 7396 }).map((generated, index) => {
      const root = join(folder, `fleet-${index}`);
      writeFleet(root, generated);
      return root;
    });
    // A fleet may break a rule, such as that somebody must be able to log in.
    const sound = roots.filter((root) => readFleet(root).ok);
    expect(sound.length).toBeGreaterThan(50);
    expect(machinesByNix(sound)).toEqual(sound.map(machinesByTypeScript));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
