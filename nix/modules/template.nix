# What a golden template has besides the guest's basics: the marker that tells its version in every clone, the host name
# that Proxmox VE gives, and little of what only a person at the machine would miss.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.nixherd.template;
in
{
  options.nixherd.template.marker = lib.mkOption {
    type = lib.types.attrsOf lib.types.str;
    default = { };
    description = ''
      What /etc/nixos-template.json says: version, revision (of the repository), nixpkgsRevision, release, created.
      A build that knows better writes the file itself beforehand.
    '';
  };

  config = {
    # Copied once and then left alone, so that a clone keeps it when its own configuration takes over.
    systemd.tmpfiles.rules = [
      "C /etc/nixos-template.json 0644 root root - ${pkgs.writeText "nixos-template.json" (builtins.toJSON cfg.marker)}"
    ];

    # A clone has no configuration of its own yet: until then its name is the one that cloud-init is told.
    networking.hostName = "";
    services.cloud-init.settings.preserve_hostname = lib.mkForce false;

    # The screen that the web interface shows, beside the serial console.
    boot.kernelParams = lib.mkBefore [ "console=tty0" ];
    boot.loader.grub.configurationLimit = 10;

    # Small, and stays small on storages that take freed blocks back.
    services.fstrim.enable = true;
    documentation.enable = false;
    nix.channel.enable = false;
  };
}
