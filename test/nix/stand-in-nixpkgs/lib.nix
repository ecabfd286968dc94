# What nix/modules/ uses of nixpkgs' lib. Values with a priority are told apart as the module system does.
let
  override = priority: content: {
    _type = "override";
    inherit priority content;
  };
  type = name: { inherit name; };
in
{
  mkOption = option: option // { _type = "option"; };
  mkEnableOption = _: {
    _type = "option";
    default = false;
  };
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkDefault = override 1000;
  mkForce = override 50;
  mkBefore = content: content;
  optionalAttrs = condition: value: if condition then value else { };
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  escapeShellArgs = builtins.concatStringsSep " ";
  types = {
    str = type "str";
    bool = type "bool";
    package = type "package";
    enum = _: type "enum";
    listOf = _: type "listOf";
    attrsOf = _: type "attrsOf";
  };
  trivial.release = "26.05";
}
