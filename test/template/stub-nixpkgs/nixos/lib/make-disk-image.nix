# Stands in for the one of nixpkgs, with the arguments that it is called with here: any other one is an error there too.
{
  pkgs,
  lib,
  config,
  name,
  baseName,
  format,
  partitionTableType,
  label,
  additionalSpace,
  copyChannel,
}:
{
  inherit
    name
    format
    partitionTableType
    label
    copyChannel
    ;
  inherit (config) modules;
}
