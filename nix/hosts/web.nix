# Example of a host's module: a web server. `settings` is nixos.settings of the machine's spec.
{ pkgs, settings, ... }:
{
  services.nginx = {
    enable = true;
    virtualHosts.${settings.domain or "localhost"} = {
      default = true;
      root = pkgs.writeTextDir "index.html" "<h1>${settings.domain or "nixherd"}</h1>\n";
    };
  };
  networking.firewall.allowedTCPPorts = [ 80 ];
}
