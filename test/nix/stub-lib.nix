# As much of nixpkgs' lib as nix/modules/ uses, to evaluate them where there is no nixpkgs.
let
  type = name: { inherit name; };
in
{
  mkOption = option: option;
  mkDefault = value: value;
  mkIf = condition: value: if condition then value else { };
  optionalAttrs = condition: value: if condition then value else { };
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  types = {
    str = type "str";
    enum = _: type "enum";
    listOf = _: type "listOf";
  };
}
