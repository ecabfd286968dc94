# What a machine's spec says to its NixOS: host name, who may log in, boot disk and firmware, settings.
# Modules of the spec get the argument `settings` (nixos.settings) and `machine` (the whole of nix/machines.nix).
{ machine }:
{ lib, ... }:
let
  rootSlot = machine.template.rootDisk.slot or "virtio0";
in
{
  _module.args = {
    inherit machine;
    inherit (machine) settings;
  };

  networking.hostName = machine.name;
  networking.domain = lib.mkIf (machine.spec ? dns.domain) machine.spec.dns.domain;

  nixherd.guest = {
    firmware = machine.spec.boot.firmware or machine.template.firmware or "seabios";
    bootDisk = if lib.hasPrefix "virtio" rootSlot then "/dev/vda" else "/dev/sda";
    adminUser = machine.user;
    adminKeys = machine.keys;
  };
}
