#!/usr/bin/env bash
# Makes the root file system of machines with a kernel of their own: the guest lab's base, and what a computer has besides:
# Debian's kernel for virtual machines with its initrd, GRUB, udev, the guest agent and kexec. Needs root and the network.
# Usage: make-base.sh <base of the guest lab> <folder>   leaves <folder>; one that is there is left as it is
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
packages=(linux-image-cloud-amd64 initramfs-tools zstd udev grub-pc-bin grub-common qemu-guest-agent kexec-tools)
# What GRUB needs to find the loader's default on an ext4 disk and to start what it names.
grub_modules=(biosdisk part_msdos ext2 normal configfile loadenv linux boot serial terminal echo)

main() {
  local folder=$2
  [[ ! -d $folder ]] || return 0
  rm -rf "$folder.new"
  mkdir -p "$(dirname "$folder")"
  cp -a "$1" "$folder.new"
  cd "$folder.new"
  mount -t proc proc proc
  prepare_for_apt
  choose_initrd
  install_packages
  install_boot_loader
  tidy_up
  umount proc
  mv "$folder.new" "$folder"
}

# prepare_for_apt: units that packages bring are switched on by each system alone, so where they are now does not matter.
prepare_for_apt() {
  cp --dereference /etc/resolv.conf etc/resolv.conf
  mkdir -p etc/static/systemd/system
}

# choose_initrd: what is needed to reach the root file system; udev loads the rest from there.
choose_initrd() {
  mkdir -p etc/initramfs-tools/conf.d
  printf 'MODULES=list\nCOMPRESS=zstd\n' >etc/initramfs-tools/conf.d/lab
  printf '%s\n' virtio_pci virtio_blk ext4 >etc/initramfs-tools/modules
}

install_packages() {
  local options=(--yes --no-install-recommends -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-unsafe-io)
  chroot . apt-get update -o Acquire::Retries=3
  DEBIAN_FRONTEND=noninteractive chroot . apt-get install "${options[@]}" "${packages[@]}"
  # Only whoever asks for kexec gets it: a plain reboot goes through firmware and boot loader.
  printf 'LOAD_KEXEC=false\nUSE_GRUB_CONFIG=false\n' >etc/default/kexec
}

install_boot_loader() {
  mkdir -p boot/grub
  chroot . grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' -o /boot/grub/core.img "${grub_modules[@]}"
  cp usr/lib/grub/i386-pc/boot.img boot/grub/
  cp "$here/grub.cfg" boot/grub/
}

# tidy_up: the host's name comes with each system, as in NixOS.
tidy_up() {
  ln -sfn /etc/static/hostname etc/hostname
  rm -rf etc/resolv.conf etc/static var/lib/apt/lists/* var/cache/apt/*
}

if [[ ${1:-} != inside ]]; then
  exec unshare --mount --pid --fork --kill-child --propagation private -- "${BASH_SOURCE[0]}" inside "$@"
fi
shift
main "$@"
