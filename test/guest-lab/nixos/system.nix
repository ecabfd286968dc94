# A NixOS system in miniature: what switch-to-configuration, the boot loader and nixherd look at, built by Nix as
# derivations of its own, on the tools of the machine's Debian. Result: the toplevel.
#
# name: the machine's. module: a set of the options below. platform: what differs between the sorts of machines.
{
  name,
  module,
  platform,
}:
let
  options = {
    # Units of /etc/systemd/system, by file name; services are wanted by multi-user.target.
    units = { };
    # Those of them that nothing starts.
    byHand = [ ];
    # More lines for sshd_config.
    sshd = "";
    # What the machine does to be in its network, and what when it leaves it.
    networkUp = "ip address replace ${platform.address} dev eth0; ip link set eth0 up";
    networkDown = "ip address flush dev eth0";
    # Versions that a reboot is needed for.
    kernel = "6.12";
    kernelParams = platform.kernelParams;
    init = "1";
    inhibitors = {
      dbus = "dbus";
    };
    # Lines of systemd's own configuration; other ones make it execute itself anew in the course of an activation.
    systemd = "";
    # Shell commands of the activation script, of the boot loader's, and of the checks before anything is touched.
    activation = "";
    bootLoader = "";
    preSwitchCheck = "";
    # The same when switch-to-configuration has ended.
    after = "";
    # What else is in the closure.
    payloadMiB = 0;
  };
  config = options // module;

  build =
    part: script:
    derivation {
      name = part;
      system = "x86_64-linux";
      builder = "/bin/bash";
      PATH = "/usr/bin:/bin";
      args = [
        "-euc"
        # The last word is bash's: a program of coreutils that ends a builder closes its output before it exits, and Nix,
        # which takes that for the end, kills it.
        "${script}\n:"
      ];
    };

  text = file: content: "cp ${builtins.toFile (builtins.baseNameOf file) content} $out/${file}";
  lines = builtins.concatStringsSep "\n";

  units = import ./units.nix config platform;
  masked = [
    "console-getty.service"
    "getty.target"
    "systemd-networkd.service"
    "systemd-resolved.service"
  ]
  ++ platform.masked;
  # Units of the machine's Debian that a target wants.
  wanted = {
    "nix-daemon.socket" = "sockets.target";
  }
  // platform.wanted;

  etc = build "etc" ''
    units=$out/etc/systemd/system
    mkdir -p $units/multi-user.target.wants $units/sockets.target.wants $out/etc/ssh
    cp $(find /usr/lib/systemd/system -maxdepth 1 -type f -name '*.target') $units/
    ln -s multi-user.target $units/default.target
    ln -s ${systemdConfiguration} $out/etc/systemd/system.conf
    ${lines (
      map (unit: "ln -s /usr/lib/systemd/system/${unit} $units/${wanted.${unit}}.wants/") (
        builtins.attrNames wanted
      )
    )}
    for unit in ${builtins.concatStringsSep " " masked}; do ln -sf /dev/null $units/$unit; done
    ${lines (map (unit: text "etc/systemd/system/${unit}" units.${unit}) (builtins.attrNames units))}
    for unit in $units/*.service; do
      [ -L $unit ] || ln -s ../''${unit##*/} $units/multi-user.target.wants/
    done
    for unit in ${builtins.concatStringsSep " " config.byHand}; do rm $units/multi-user.target.wants/$unit; done
    ${text "etc/ssh/sshd_config" ''
      HostKey /etc/ssh/ssh_host_ed25519_key
      PasswordAuthentication no
      SetEnv PATH=/run/current-system/sw/bin:/run/current-system/sw/sbin
      ${config.sshd}
    ''}
    echo ${name} > $out/etc/hostname
  '';
  # As in NixOS a path of its own: the same one as long as its lines are.
  systemdConfiguration = builtins.toFile "system.conf" "[Manager]\n${config.systemd}\n";
  kernel = build "linux-${config.kernel}" "mkdir $out; ${platform.makeKernel config.kernel}";
  kernelParams = builtins.concatStringsSep " " config.kernelParams;
  toplevel = builtins.placeholder "out";
  bootspec = {
    "org.nixos.bootspec.v1" = {
      label = "lab";
      system = "x86_64-linux";
      kernel = "${kernel}/bzImage";
      initrd = "${kernel}/initrd";
      inherit (config) kernelParams;
      init = "${toplevel}/init";
      inherit toplevel;
    };
  };
  payload = build "payload" "head -c ${toString config.payloadMiB}M /dev/urandom > $out";
in
build "nixos-system-${name}-lab" ''
  mkdir -p $out/bin $out/lab
  ln -s ${etc}/etc $out/etc
  ln -s ${kernel}/bzImage $out/kernel
  ln -s ${kernel}/initrd $out/initrd
  ln -s ${kernel} $out/kernel-modules
  ln -s ${payload} $out/lab/payload
  ln -s /usr $out/sw
  ln -s /usr $out/systemd
  printf x86_64-linux > $out/system
  printf 26.05.lab > $out/nixos-version
  printf ${config.init} > $out/init-interface-version
  ${text "switch-inhibitors" (builtins.toJSON config.inhibitors)}
  echo '${builtins.toJSON bootspec}' > $out/boot.json
  printf %s '${kernelParams}' > $out/kernel-params
  cat > $out/lab/grub.cfg <<END
  linux ${kernel}/bzImage init=$out/init ${kernelParams}
  initrd ${kernel}/initrd
  END
  ${lines (
    map (hook: text "lab/${hook}" config.${hook}) [
      "activation"
      "bootLoader"
      "preSwitchCheck"
      "after"
    ]
  )}
  cp ${./install-boot-loader.sh} $out/lab/install-boot-loader
  cp ${./pre-switch-checks.sh} $out/lab/pre-switch-checks
  cp ${./switch-to-configuration.sh} $out/bin/switch-to-configuration
  cp -r ${./switch} $out/lab/switch
  cp ${./activate.sh} $out/activate
  cp ${./init.sh} $out/init
  chmod +x $out/bin/* $out/activate $out/init $out/lab/install-boot-loader $out/lab/pre-switch-checks
''
