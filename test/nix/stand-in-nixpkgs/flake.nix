# As much of nixpkgs as a flake of machines needs to be evaluated, and its systems built, without a network.
{
  outputs = _: {
    lib = (import ./lib.nix) // {
      nixosSystem = import ./nixos-system.nix;
    };
  };
}
