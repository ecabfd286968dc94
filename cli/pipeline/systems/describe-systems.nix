# Store paths of the systems of a flake's nixosConfigurations, as JSON can hold them.
#
# names: attributes to describe. known: name -> identity whose system needs no evaluation, since it is known. isStrict:
# a configuration that throws ends the evaluation, so that Nix says why; otherwise it is described as { isBroken = true; }.
{
  names,
  known,
  isStrict,
}:
configurations:
let
  systemOf = configuration: configuration.config.system.build.toplevel;

  # A commit alone must not make every machine another one.
  withoutRevision =
    configuration:
    if configuration ? extendModules then
      configuration.extendModules {
        modules = [ ({ lib, ... }: { system.configurationRevision = lib.mkForce null; }) ];
      }
    else
      configuration;

  describe =
    name:
    let
      plain = systemOf (withoutRevision configurations.${name});
      identity = plain.outPath;
      system = systemOf configurations.${name};
    in
    {
      inherit identity;
      platform = plain.system;
    }
    // (
      if (known.${name} or null) == identity then
        { }
      else
        {
          system = system.outPath;
          derivation = system.drvPath;
        }
    );

  attempt =
    name:
    let
      description = describe name;
      forced = builtins.tryEval (builtins.deepSeq description description);
    in
    if !(configurations ? ${name}) then
      { isMissing = true; }
    else if isStrict then
      description
    else if forced.success then
      forced.value
    else
      { isBroken = true; };
in
builtins.listToAttrs (
  map (name: {
    inherit name;
    value = attempt name;
  }) names
)
