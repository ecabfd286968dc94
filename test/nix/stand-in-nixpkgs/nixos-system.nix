# A small module system: paths, functions and sets as modules, options with defaults, mkIf, mkDefault and mkForce; sets are
# merged, lists joined, two different values of one priority refused. The toplevel is a real derivation: all of the
# configuration as JSON, with kernel, initrd and packages as paths of its own.
{ modules }:
let
  lib = import ./lib.nix;

  build =
    name: text:
    derivation {
      inherit name text;
      system = "x86_64-linux";
      builder = "/bin/sh";
      PATH = "/usr/bin:/bin";
      args = [
        "-c"
        ''mkdir "$out"; printf '%s\n' "$text" >"$out/content"''
      ];
    };

  pkgs = {
    package = name: version: build "${name}-${version}" version;
    writeText = build;
    writeTextDir = path: build (baseNameOf path);
  };

  load =
    module:
    let
      value = if builtins.isPath module || builtins.isString module then import module else module;
      arguments = {
        inherit config lib pkgs;
      };
      # One by one, as they are asked for: the configuration itself says what some of them are.
      given = builtins.mapAttrs (name: _: arguments.${name} or config._module.args.${name}) (
        builtins.functionArgs value
      );
      loaded = if builtins.isFunction value then value given else value;
    in
    if loaded ? config || loaded ? options then loaded else { config = loaded; };

  loaded = map load modules;

  # Values of one place, each { priority, value }, without those whose condition is false.
  discharge =
    priority: value:
    if value._type or "" == "if" then
      (if value.condition then discharge priority value.content else [ ])
    else if value._type or "" == "override" then
      discharge value.priority value.content
    else
      [ { inherit priority value; } ];

  merge =
    path: values:
    let
      found = builtins.concatMap (discharge 100) values;
      least = builtins.foldl' (
        least: one: if one.priority < least then one.priority else least
      ) 2000 found;
      strongest = map (one: one.value) (builtins.filter (one: one.priority == least) found);
      first = builtins.head strongest;
    in
    if strongest == [ ] then
      { }
    else if builtins.isAttrs first && !(first ? outPath) then
      builtins.zipAttrsWith (name: merge "${path}.${name}") strongest
    else if builtins.isList first then
      builtins.concatLists strongest
    else if builtins.all (value: value == first) strongest then
      first
    else
      throw "The option `${path}' has conflicting definition values.";

  defaultsOf =
    options:
    if options._type or "" == "option" then
      lib.mkDefault (options.default or (throw "an option has no value"))
    else
      builtins.mapAttrs (_: defaultsOf) options;

  config = merge "config" (
    map (module: module.config or { }) loaded ++ map (module: defaultsOf (module.options or { })) loaded
  );

  # What takes part in the system; arguments of modules are not configuration.
  plain = builtins.removeAttrs config [ "_module" ];

  toplevel = derivation {
    name = "nixos-system-${config.networking.hostName}-26.05";
    system = "x86_64-linux";
    builder = "/bin/sh";
    PATH = "/usr/bin:/bin";
    json = builtins.toJSON plain;
    kernel = pkgs.package "linux" (config.boot.kernelVersion or "6.12");
    initrd = pkgs.package "initrd" "1";
    failing = if config.failing or false then "1" else "";
    args = [
      "-c"
      ''
        if [ -n "$failing" ]; then echo "this system fails to build, as asked" >&2; exit 1; fi
        mkdir "$out"
        printf '%s\n' "$json" >"$out/config.json"
        ln -s "$kernel" "$out/kernel"
        ln -s "$initrd" "$out/initrd"
      ''
    ];
  };
in
{
  inherit pkgs;
  config = config // {
    system = (config.system or { }) // {
      build = { inherit toplevel; };
    };
  };
  extendModules =
    more:
    import ./nixos-system.nix {
      modules = modules ++ more.modules;
    };
}
