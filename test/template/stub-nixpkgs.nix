# As much of the nixpkgs flake as flake.nix and nix/templates.nix use. A system is the list of its modules, an image
# the arguments that it would be made with.
let
  lib = import ../nix/stub-lib.nix // {
    trivial.release = "26.05";
    nixosSystem = { modules }: {
      config = { inherit modules; };
      pkgs = "pkgs";
    };
  };
in
{
  inherit lib;
  rev = "0123456789abcdef0123456789abcdef01234567";
  outPath = toString ./stub-nixpkgs;
}
