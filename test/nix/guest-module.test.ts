import { join } from "node:path";
import { expect, test } from "vitest";
import { evaluateNix, noNix } from "./evaluate-nix.ts";

const modules = join(import.meta.dirname, "../../nix/modules");

/** The configuration that the guest's module gives for its options' values. */
function configuration(guest: object): unknown {
  const defaults = { firmware: "seabios", bootDisk: "/dev/vda", adminUser: "root", adminKeys: [] };
  const options = JSON.stringify(JSON.stringify({ ...defaults, ...guest }));
  return evaluateNix(
    `(import ${modules}/proxmox-guest.nix {
      lib = import ${import.meta.dirname}/stub-lib.nix;
      config.nixherd.guest = builtins.fromJSON ${options};
    }).config`,
  );
}

function optionsFromSpec(machine: object): unknown {
  const text = JSON.stringify(
    JSON.stringify({ stack: "demo", name: "web-1", modules: [], settings: {}, ...machine }),
  );
  return evaluateNix(
    `(import ${modules}/from-spec.nix { machine = builtins.fromJSON ${text}; } { lib = import ${import.meta.dirname}/stub-lib.nix; })`,
  );
}

test("host keys survive a change of cloud-init's values", ({ skip }) => {
  skip(noNix !== "", noNix);
  expect(configuration({})).toMatchObject({
    services: {
      "cloud-init": { enable: true, settings: { ssh_deletekeys: false, preserve_hostname: true } },
    },
  });
});

test("a machine with SeaBIOS boots by GRUB from its disk, one with OVMF from its EFI partition", ({
  skip,
}) => {
  skip(noNix !== "", noNix);
  expect(configuration({ bootDisk: "/dev/sda" })).toMatchObject({
    boot: { loader: { grub: { device: "/dev/sda", efiSupport: false } } },
    fileSystems: { "/": { device: "/dev/disk/by-label/nixos", autoResize: true } },
  });
  expect(configuration({ firmware: "ovmf" })).toMatchObject({
    boot: { loader: { grub: { device: "nodev", efiSupport: true } } },
    fileSystems: { "/boot": { device: "/dev/disk/by-label/ESP" } },
  });
});

test("the account of the deploys may activate: root by key, another one by sudo without a password", ({
  skip,
}) => {
  skip(noNix !== "", noNix);
  expect(configuration({ adminKeys: ["key"] })).toMatchObject({
    services: {
      openssh: { settings: { PermitRootLogin: "prohibit-password", PasswordAuthentication: false } },
    },
    users: { users: { root: { openssh: { authorizedKeys: { keys: ["key"] } } } } },
  });
  expect(configuration({ adminUser: "ops" })).toMatchObject({
    services: { openssh: { settings: { PermitRootLogin: "no" } } },
    users: { users: { ops: { isNormalUser: true, extraGroups: ["wheel"] } } },
    security: { sudo: { wheelNeedsPassword: false } },
    nix: { settings: { "trusted-users": ["ops"] } },
  });
});

test("a spec gives host name, domain, account, boot disk and the modules' arguments", ({ skip }) => {
  skip(noNix !== "", noNix);
  const spec = { dns: { domain: "example.org" } };
  const template = { rootDisk: { slot: "scsi0" }, firmware: "ovmf" };
  expect(
    optionsFromSpec({ spec, template, user: "ops", keys: ["key"], settings: { domain: "x" } }),
  ).toMatchObject({
    networking: { hostName: "web-1", domain: "example.org" },
    nixherd: { guest: { firmware: "ovmf", bootDisk: "/dev/sda", adminUser: "ops", adminKeys: ["key"] } },
    _module: { args: { settings: { domain: "x" } } },
  });
});
