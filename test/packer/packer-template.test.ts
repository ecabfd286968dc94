import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "@cdktn/hcl-tools";
import { parse } from "@cdktn/hcl2json";
import { describe, expect, test } from "vitest";
import { packerRules } from "./packer-rules.ts";
import { packerFiles, packerFolder, parsePacker, readPackerTexts } from "./read-packer.ts";
import { sampleVariables } from "./sample-variables.ts";

const texts = readPackerTexts();

/** Rule, and a change of the template that it must notice. */
const breakages: readonly (readonly [rule: string, from: string | RegExp, to: string])[] = [
  ["hardwareIsSaid", '  cpu_type        = "x86-64-v2-AES"\n', ""],
  ["versionsArePinned", '"= 1.2.4"', '">= 1.2.4"'],
  ["versionsArePinned", '">= 1.14.0"', '"~> 1.14.3"'],
  ["tasksMayTakeLong", 'task_timeout = "60m"', 'task_timeout = "5m"'],
  ["tasksMayTakeLong", /task_timeout {13}= "60m"/, ""],
  ["baseIsNamedById", "clone_vm_id              = var.base_vm_id", 'clone_vm = "nixos-base"'],
  ["cloneHasNoDisks", "  # No disks here", '  disks {\n    disk_size = "20G"\n  }\n  #'],
  ["onlyKeysLogIn", 'ssh_username = "root"', 'ssh_username = "root"\n  ssh_password = "root"'],
  ["onlyKeysLogIn", 'ssh_username = "root"', 'ssh_username = "nixos"'],
  ["secretsStayInTheEnvironment", "node                     = var.node", "token = var.node"],
  ["secretsStayInTheEnvironment", 'variable "bridge"', 'variable "token"'],
  ["installerIsPinned", /sha256:\$\{var\.iso_sha256\}/, "file:https://example.org/sums"],
  ["installerIsPinned", "^[0-9a-f]{64}$", ".*"],
  ["installerIsPinned", "[^?#]+", ".+"],
  ["installerIsPinned", "nixos-minimal-[0-9]", "latest-"],
  ["secureBootIsOff", "pre_enrolled_keys = false", "pre_enrolled_keys = true"],
  ["nothingIsForced", "tags                     = local.tags\n\n", "force = true\n"],
  ["nothingIsForced", 'variable "vm_id" {', 'variable "vm_id" {\n  default = 9000'],
  [
    "cleanUpComesLast",
    '  post-processor "manifest"',
    '  provisioner "shell" {\n    inline = ["true"]\n  }\n\n  post-processor "manifest"',
  ],
  [
    "cleanUpComesLast",
    /script = ("[^"]+cleanup-template.sh")/,
    'only = ["proxmox-iso.nixos"]\n    script = $1',
  ],
  ["httpAddressIsPackers", "TEMPLATE_ROOT    =", 'PACKER_HTTP_ADDR = "x"\n      TEMPLATE_ROOT    ='],
  ["noExtraDrives", "boot_command = [", "cd_content = {}\n  boot_command = ["],
  ["bastionIsForBoth", "try(var.bastion.host, null)", "null"],
  ["resultIsRecorded", "output     = var.manifest", 'output     = "elsewhere.json"'],
];

function changed(from: string | RegExp, to: string): typeof texts {
  const entries = packerFiles.map((file) => [file, texts[file].replace(from, to)] as const);
  return Object.fromEntries(entries) as typeof texts;
}

describe.each(Object.entries(packerRules))("rule %s", (name, rule) => {
  test("holds in the template", async () => {
    expect([...rule(await parsePacker(texts))]).toEqual([]);
  });

  test.each(breakages.filter(([of]) => of === name))("notices when %s is broken: %s", async (_, from, to) => {
    const broken = changed(from, to);
    expect(broken).not.toEqual(texts);
    expect([...rule(await parsePacker(broken))]).not.toEqual([]);
  });
});

test("every rule was seen to fail", () => {
  expect(new Set(breakages.map(([rule]) => rule))).toEqual(new Set(Object.keys(packerRules)));
});

test("a syntax error is noticed", async () => {
  await expect(parsePacker({ ...texts, "nixos.pkr.hcl": "source {" })).rejects.toThrow("nixos.pkr.hcl");
});

test.each([...packerFiles, "nixos.pkrvars.hcl.example"])(
  "%s is formatted as packer fmt does",
  async (file) => {
    const text = readFileSync(join(packerFolder, file), "utf8");
    expect(await format(text)).toBe(text);
  },
);

test("the example sets variables that exist, and none of the single build", async () => {
  const { variables } = await parsePacker(texts);
  const example = readFileSync(join(packerFolder, "nixos.pkrvars.hcl.example"), "utf8");
  const set = Object.keys(await parse("example.hcl", example.replaceAll(/^# (?=\w+ +=)/gm, "")));
  expect(set.length).toBeGreaterThan(5);
  expect(Object.keys(variables)).toEqual(expect.arrayContaining(set));
  expect(set).not.toEqual(expect.arrayContaining(["vm_id"]));
});

test("nixherd template build gives every variable that has no default, and only ones that exist", async () => {
  const { variables } = await parsePacker(texts);
  const needed = Object.keys(variables).filter((name) => !("default" in (variables[name] ?? {})));
  for (const given of Object.values(sampleVariables("/nowhere"))) {
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(Object.keys(given)));
    expect(Object.keys(given)).toEqual(expect.arrayContaining(needed));
  }
});

test("every variable that the template reads exists, and every one that exists is read", async () => {
  const { variables, code } = await parsePacker(texts);
  const read = new Set([...code.matchAll(/\bvar\.([a-z0-9_]+)/g)].map(([, name]) => name));
  expect([...read].toSorted()).toEqual(Object.keys(variables).toSorted());
});

test("every file that the template names exists", () => {
  const named = [...texts["nixos.pkr.hcl"].matchAll(/\$\{path\.root\}\/([^"]+)"/g)].map(
    ([, path = ""]) => path,
  );
  expect(named.length).toBeGreaterThan(5);
  for (const path of named) expect(existsSync(join(packerFolder, path)), path).toBe(true);
});

// A NixOS has no /bin/bash, and Packer runs a script by its first line.
test("scripts that run in the machine start bash where NixOS has it", () => {
  const scripts = readdirSync(join(packerFolder, "scripts")).map((file) =>
    join(packerFolder, "scripts", file),
  );
  for (const file of [...scripts, join(packerFolder, "../scripts/cleanup-template.sh")]) {
    expect(readFileSync(file, "utf8"), file).toMatch(/^#!\/usr\/bin\/env bash\n/);
  }
});
