import { join } from "node:path";
import { expect, test } from "vitest";
import { evaluateNix, noNix } from "../nix/evaluate-nix.ts";

const repository = join(import.meta.dirname, "../..");
const stubs = join(import.meta.dirname, "stub-nixpkgs.nix");

function flakeOutput(path: string, self = '{ rev = "feedface"; }'): unknown {
  return evaluateNix(`
    let outputs = (import ${repository}/flake.nix).outputs { self = ${self}; nixpkgs = import ${stubs}; };
    in outputs.${path}`);
}

test("the flake has an image for each firmware, with the root partition that the guest's module looks for", ({
  skip,
}) => {
  skip(noNix !== "", noNix);
  const images = "packages.x86_64-linux";
  for (const [name, table] of [
    ["template-image", "legacy+gpt"],
    ["template-image-ovmf", "efi"],
  ]) {
    expect(flakeOutput(`${images}.${name}.partitionTableType`)).toBe(table);
    expect(flakeOutput(`${images}.${name}.label`)).toBe("nixos");
    expect(flakeOutput(`${images}.${name}.copyChannel`)).toBe(false);
  }
});

test("the template's configurations stand beside the machines', one for each firmware", ({ skip }) => {
  skip(noNix !== "", noNix);
  const names = evaluateNix(`
    builtins.attrNames ((import ${repository}/flake.nix).outputs { self = { }; nixpkgs = import ${stubs}; }).nixosConfigurations`);
  expect(names).toEqual(expect.arrayContaining(["template-ovmf", "template-seabios", "web-1"]));
  for (const firmware of ["seabios", "ovmf"]) {
    const settings = `(builtins.elemAt outputs.nixosConfigurations.template-${firmware}.config.modules 2)`;
    const shown = evaluateNix(`
      let outputs = (import ${repository}/flake.nix).outputs { self = { rev = "feedface"; }; nixpkgs = import ${stubs}; };
      in ${settings}`);
    expect(shown).toMatchObject({
      nixherd: {
        guest: { firmware },
        template: {
          marker: {
            release: "26.05",
            revision: "feedface",
            nixpkgsRevision: "0123456789abcdef0123456789abcdef01234567",
          },
        },
      },
    });
  }
});

test("the template leaves its marker in every clone and takes the name that Proxmox VE gives", ({ skip }) => {
  skip(noNix !== "", noNix);
  const config = evaluateNix(`
    (import ${repository}/nix/modules/template.nix {
      lib = import ${repository}/test/nix/stub-lib.nix // {
        mkForce = value: value;
        mkBefore = value: value;
      };
      pkgs.writeText = name: text: "/nix/store/\${name} \${text}";
      config.nixherd.template.marker = { version = "nixos-26.05-v3"; };
    }).config`);
  expect(config).toMatchObject({
    networking: { hostName: "" },
    services: { "cloud-init": { settings: { preserve_hostname: false } }, fstrim: { enable: true } },
    boot: { kernelParams: ["console=tty0"] },
  });
  expect((config as { systemd: { tmpfiles: { rules: string[] } } }).systemd.tmpfiles.rules).toEqual([
    'C /etc/nixos-template.json 0644 root root - /nix/store/nixos-template.json {"version":"nixos-26.05-v3"}',
  ]);
});

test("the pieces that a build puts into /etc/nixos evaluate without any spec", ({ skip }) => {
  skip(noNix !== "", noNix);
  expect(
    evaluateNix(
      `builtins.attrNames (import ${repository}/nix/machines.nix { root = ${repository}/test/template/no-specs; })`,
    ),
  ).toEqual([]);
});
