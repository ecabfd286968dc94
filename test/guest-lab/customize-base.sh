#!/usr/bin/env bash
# Makes a fresh Debian look to systemd, sshd and Nix as NixOS does: what runs is what /etc/static says, and that comes with
# each system. Nothing of it names a machine.
# Usage: customize-base.sh <root>
set -euo pipefail

main() {
  cd "$1"
  rm -rf etc/systemd/system etc/ssh/ssh_host_* etc/resolv.conf
  ln -s /etc/static/systemd/system etc/systemd/system
  # Empty, not missing: systemd makes one for each machine then, and takes it for no first boot.
  : >etc/machine-id
  : >etc/NIXOS
  cat >etc/nix/nix.conf <<'END'
experimental-features = nix-command flakes
sandbox = false
substituters =
build-users-group =
trusted-users = root ops
END
  mkdir -p boot/loader nix/var/nix/profiles run/nixos root/.ssh
  chmod 700 root/.ssh
  chroot . useradd --create-home --shell /bin/bash --password '*' --groups nix-users ops
  echo 'ops ALL=(ALL) NOPASSWD: ALL' >etc/sudoers.d/ops
}

main "$@"
