# Store paths of the systems of a flake's nixosConfigurations, as JSON can hold them.
#
# names: attributes to describe. known: name -> identity whose system needs no evaluation, since it is known. isStrict:
# a configuration that throws ends the evaluation, so that Nix says why; otherwise it is described as { isBroken = true; }.
# asJobs: the same as derivations, for nix-eval-jobs: { <name> = { identity, and system unless it is known }; }.
{
  names,
  known,
  isStrict ? false,
  asJobs ? false,
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

  jobs =
    name:
    let
      identity = systemOf (withoutRevision configurations.${name});
    in
    {
      inherit identity;
    }
    // (
      if (known.${name} or null) == identity.outPath then
        { }
      else
        { system = systemOf configurations.${name}; }
    );

  describe =
    name:
    let
      job = jobs name;
      inherit (job) identity;
      system = job.system or null;
    in
    {
      identity = identity.outPath;
      platform = identity.system;
    }
    // (
      if system == null then
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
    if asJobs then
      { recurseForDerivations = true; } // (if configurations ? ${name} then jobs name else { })
    else if !(configurations ? ${name}) then
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
