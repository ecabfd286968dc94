# The basics of a NixOS machine on Proxmox VE: what makes a clone of the golden template boot, be reached and grow.
{
  config,
  lib,
  ...
}:
let
  cfg = config.nixherd.guest;
  isRoot = cfg.adminUser == "root";
in
{
  options.nixherd.guest = {
    firmware = lib.mkOption {
      type = lib.types.enum [
        "seabios"
        "ovmf"
      ];
      default = "seabios";
      description = "Firmware of the machine, as the golden template was installed with.";
    };
    bootDisk = lib.mkOption {
      type = lib.types.str;
      default = "/dev/vda";
      description = "Disk that holds the system; GRUB is installed on it under SeaBIOS.";
    };
    adminUser = lib.mkOption {
      type = lib.types.str;
      default = "root";
      description = "Account that deploys log in with; another one than root gets sudo without a password.";
    };
    adminKeys = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      description = "SSH public keys of adminUser.";
    };
  };

  config = {
    boot.growPartition = true;
    # The serial console is what `qm terminal` shows.
    boot.kernelParams = [ "console=ttyS0,115200" ];
    boot.initrd.availableKernelModules = [
      "ahci"
      "sd_mod"
      "sr_mod"
      "virtio_blk"
      "virtio_pci"
      "virtio_scsi"
    ];
    boot.loader.timeout = lib.mkDefault 1;
    boot.loader.grub = {
      device = if cfg.firmware == "seabios" then cfg.bootDisk else "nodev";
      efiSupport = cfg.firmware == "ovmf";
      efiInstallAsRemovable = cfg.firmware == "ovmf";
    };

    fileSystems = {
      "/" = {
        device = "/dev/disk/by-label/nixos";
        fsType = "ext4";
        autoResize = true;
      };
    }
    // lib.optionalAttrs (cfg.firmware == "ovmf") {
      "/boot" = {
        device = "/dev/disk/by-label/ESP";
        fsType = "vfat";
      };
    };

    services.qemuGuest.enable = true;

    # Cloud-init brings addresses and the first keys; names and everything later are this configuration's.
    services.cloud-init = {
      enable = true;
      network.enable = true;
      settings = {
        # A changed cloud-init value makes a new instance id; without this the machine would make new host keys then,
        # and every pinned one would be wrong.
        ssh_deletekeys = false;
        preserve_hostname = true;
        datasource_list = [
          "NoCloud"
          "ConfigDrive"
        ];
      };
    };
    networking.useDHCP = false;
    # Proxmox VE names interfaces eth0, eth1, ... in what it tells cloud-init.
    networking.usePredictableInterfaceNames = false;

    services.openssh = {
      enable = true;
      settings = {
        PasswordAuthentication = false;
        KbdInteractiveAuthentication = false;
        PermitRootLogin = if isRoot then "prohibit-password" else "no";
      };
    };

    users.users.${cfg.adminUser} = {
      openssh.authorizedKeys.keys = cfg.adminKeys;
    }
    // lib.optionalAttrs (!isRoot) {
      isNormalUser = true;
      extraGroups = [ "wheel" ];
    };
    security.sudo.wheelNeedsPassword = lib.mkIf (!isRoot) (lib.mkDefault false);

    nix.settings = {
      experimental-features = [
        "nix-command"
        "flakes"
      ];
      # Systems that were built elsewhere come without a signature.
      trusted-users = [ cfg.adminUser ];
    };

    system.stateVersion = lib.mkDefault "26.05";
  };
}
