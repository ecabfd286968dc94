# The golden template, once for each firmware: nixosConfigurations.template-seabios and template-ovmf, and their images.
#
# nixpkgs: the flake's input. revision: commit of this repository, or null.
{
  nixpkgs,
  revision ? null,
}:
let
  partitionTables = {
    seabios = "legacy+gpt";
    ovmf = "efi";
  };

  marker = {
    release = nixpkgs.lib.trivial.release;
  }
  // (if revision == null then { } else { inherit revision; })
  // (if nixpkgs ? rev then { nixpkgsRevision = nixpkgs.rev; } else { });

  systemFor =
    firmware:
    nixpkgs.lib.nixosSystem {
      modules = [
        ./modules/proxmox-guest.nix
        ./modules/template.nix
        {
          nixpkgs.hostPlatform = "x86_64-linux";
          system.configurationRevision = revision;
          nixherd.guest.firmware = firmware;
          nixherd.template.marker = marker;
        }
      ];
    };

  # A qcow2 whose root partition is the last one and labelled, as the guest's module expects it.
  imageFor =
    firmware: system:
    import "${nixpkgs}/nixos/lib/make-disk-image.nix" {
      inherit (system) config pkgs;
      inherit (nixpkgs) lib;
      name = "nixos-template-${firmware}";
      baseName = "nixos-template-${firmware}";
      format = "qcow2-compressed";
      partitionTableType = partitionTables.${firmware};
      label = "nixos";
      additionalSpace = "1G";
      copyChannel = false;
    };

  systems = builtins.mapAttrs (firmware: _: systemFor firmware) partitionTables;
  images = builtins.mapAttrs imageFor systems;
in
{
  nixosConfigurations = {
    template-seabios = systems.seabios;
    template-ovmf = systems.ovmf;
  };
  packages = {
    template-image = images.seabios;
    template-image-ovmf = images.ovmf;
  };
}
