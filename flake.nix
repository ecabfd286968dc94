# One nixosConfigurations.<name> for each machine of vm-specs/, and the golden template that they are cloned from.
{
  description = "NixOS machines on Proxmox VE, described by vm-specs/";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      machines = import ./nix/machines.nix { root = ./.; };
      templates = import ./nix/templates.nix {
        inherit nixpkgs;
        revision = self.rev or self.dirtyRev or null;
      };
    in
    {
      # For a flake of one's own: the guest's basics without the specs.
      nixosModules.proxmox-guest = ./nix/modules/proxmox-guest.nix;
      # For the host that keeps the machines: `nixherd watch` as a service.
      nixosModules.watcher = ./nix/modules/watcher.nix;

      # The golden template as an image: `nix build .#template-image`, for SeaBIOS, or template-image-ovmf.
      packages.x86_64-linux = templates.packages;

      nixosConfigurations =
        templates.nixosConfigurations
        // builtins.mapAttrs (
          _: machine:
          nixpkgs.lib.nixosSystem {
            modules = [
              ./nix/modules/proxmox-guest.nix
              (import ./nix/modules/from-spec.nix { inherit machine; })
              {
                nixpkgs.hostPlatform = "x86_64-linux";
                system.configurationRevision = self.rev or self.dirtyRev or null;
              }
            ]
            ++ machine.modules;
          }
        ) machines;
    };
}
