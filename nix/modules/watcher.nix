# `nixherd watch` as a service of the host that keeps the machines, for its own NixOS configuration:
#   imports = [ nixherd.nixosModules.watcher ];
#   services.nixherd-watch = { enable = true; repository = "/srv/machines"; environmentFile = "/run/secrets/nixherd"; };
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.nixherd-watch;
in
{
  options.services.nixherd-watch = {
    enable = lib.mkEnableOption "the watcher that keeps machines on Proxmox VE as their specs say";
    repository = lib.mkOption {
      type = lib.types.str;
      description = "Absolute path of the repository, set up by scripts/setup; the user must be able to write to it.";
    };
    user = lib.mkOption {
      type = lib.types.str;
      default = "nixherd";
      description = "User that it runs as; it is made if it has the default name. Its SSH keys open the machines.";
    };
    environmentFile = lib.mkOption {
      type = lib.types.str;
      description = "File with PROXMOX_VE_ENDPOINT and PROXMOX_VE_API_TOKEN, outside of the Nix store.";
    };
    arguments = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = "Further arguments, such as [ \"--git\" \"origin/main\" \"--signed-by\" \"keys/allowed_signers\" ].";
    };
    packages = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = [ ];
      description = "Programs that checks and hooks of your own need beside the usual ones.";
    };
  };

  config = lib.mkIf cfg.enable {
    users = lib.mkIf (cfg.user == "nixherd") {
      users.nixherd = {
        isSystemUser = true;
        group = "nixherd";
        home = "/var/lib/nixherd";
      };
      groups.nixherd = { };
    };

    systemd.services.nixherd-watch = {
      description = "nixherd: keeps machines on Proxmox VE as their specs say";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      path = [
        pkgs.bash
        pkgs.git
        pkgs.nix
        pkgs.nodejs_24
        pkgs.openssh
        pkgs.opentofu
        pkgs.systemd
      ]
      ++ cfg.packages;
      serviceConfig = {
        Type = "notify";
        # Signs of life are sent by systemd-notify, a child.
        NotifyAccess = "all";
        WatchdogSec = 120;
        User = cfg.user;
        # Home of the default user: SSH keys, and what Nix and OpenTofu keep.
        StateDirectory = "nixherd";
        WorkingDirectory = cfg.repository;
        EnvironmentFile = cfg.environmentFile;
        ExecStart = lib.escapeShellArgs (
          [
            "${pkgs.nodejs_24}/bin/node"
            "${cfg.repository}/cli/nixherd.js"
            "watch"
          ]
          ++ cfg.arguments
        );
        Restart = "on-failure";
        RestartSec = 10;
        # Only the watcher gets the signal: it interrupts Terraform once, and a second interruption would lose what is
        # not saved.
        KillMode = "mixed";
        # The provider may have to end a clone first; afterwards the state is saved.
        TimeoutStopSec = "50min";
        NoNewPrivileges = true;
        PrivateTmp = true;
        ProtectSystem = "full";
        ProtectKernelTunables = true;
        ProtectControlGroups = true;
        RestrictSUIDSGID = true;
      };
    };
  };
}
