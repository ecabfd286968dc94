# The machines of vm-specs/ that get a NixOS, as a set from nixosConfigurations' attribute to
# { stack, name, spec, template, modules, settings, user, keys }. Pure builtins: needs no nixpkgs.
#
# root: the repository, as a path.
{ root }:
let
  mergePatch = import ./merge-patch.nix;
  folder = root + "/vm-specs";

  readJson = file: builtins.fromJSON (builtins.readFile file);
  readOr = default: file: if builtins.pathExists file then readJson file else default;

  site = readOr { } (folder + "/_site.json");
  # Merged into nothing first: a null of theirs takes away what no file before them had.
  repositoryDefaults = mergePatch { } (readOr { } (folder + "/_defaults.json"));

  # Names in a folder that are of a kind ("directory", "regular", "symlink") and do not start with _ or a dot.
  namesOf =
    kinds: path:
    let
      entries = builtins.readDir path;
    in
    builtins.filter (
      name: builtins.elem entries.${name} kinds && builtins.match "[^_.].*" name != null
    ) (builtins.attrNames entries);

  stackOf =
    stack:
    let
      path = folder + "/${stack}";
      defaults = mergePatch repositoryDefaults (readOr { } (path + "/_defaults.json"));
      files = builtins.filter (name: builtins.match ".*\\.json" name != null) (
        namesOf [
          "regular"
          "symlink"
        ] path
      );
    in
    map (
      file: machineOf stack (stemOf file) (mergePatch defaults (readJson (path + "/${file}")))
    ) files;

  stemOf =
    file: builtins.substring 0 (builtins.stringLength file - builtins.stringLength ".json") file;

  machineOf =
    stack: stem: spec:
    let
      nixos = spec.nixos or { };
      access = spec.access or { };
      template =
        if builtins.isString (spec.template or null) then spec.template else spec.template.name or "";
      name = spec.name or stem;
    in
    {
      inherit stack name spec;
      # The catalogue's entry.
      managed = nixos != false;
      attribute = nixos.attribute or name;
      template = site.templates.${template} or { };
      modules = map (path: root + "/${path}") (nixos.modules or [ ]);
      settings = nixos.settings or { };
      user = access.user or "root";
      keys = (access.sshKeys or [ ]) ++ builtins.concatMap keysIn (access.sshKeyFiles or [ ]);
    };

  # One key a line, without the blanks around it; lines that start with # are no keys.
  keysIn =
    path:
    builtins.concatMap (
      line:
      let
        found =
          if builtins.isString line then
            builtins.match "[[:space:]]*([^#[:space:]](.*[^[:space:]])?)[[:space:]]*" line
          else
            null;
      in
      if found == null then [ ] else [ (builtins.head found) ]
    ) (builtins.split "\n" (builtins.readFile (root + "/${path}")));

  machines = builtins.filter (machine: machine.managed) (
    builtins.concatMap stackOf (namesOf [ "directory" ] folder)
  );

  # Two machines of one name are allowed in two domains; nixosConfigurations has room for one of them.
  unique = builtins.mapAttrs (
    attribute: same:
    if builtins.length same == 1 then
      builtins.removeAttrs (builtins.head same) [
        "managed"
        "attribute"
      ]
    else
      throw "vm-specs: ${
        builtins.concatStringsSep " and " (map (machine: "${machine.stack}/${machine.name}") same)
      } are both nixosConfigurations.${attribute}: set nixos.attribute of one of them"
  );
in
unique (builtins.groupBy (machine: machine.attribute) machines)
