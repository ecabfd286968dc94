#!/usr/bin/env bash
# Run in the installer: partitions the empty disk, makes the file systems and mounts them at /mnt. The root partition is
# the last one, so that it can grow; everything is found by label, so that the disk may have any name later.
# Environment: FIRMWARE, seabios or ovmf. NIXHERD_ROOT is where / is in a machine of the embedded cluster.
set -euo pipefail

ROOT=${NIXHERD_ROOT:-}

main() {
  local disk
  disk=$(first_disk)
  [[ -z $(lsblk -nro FSTYPE "$disk") ]] || refuse "$disk is not empty"
  case $FIRMWARE in
    ovmf) partition_for_efi "$disk" ;;
    seabios) partition_for_bios "$disk" ;;
    *) refuse "FIRMWARE is seabios or ovmf, not '$FIRMWARE'" ;;
  esac
  udevadm settle --timeout=30
  mkfs.ext4 -q -L nixos "$(partition "$disk" root)"
  udevadm settle --timeout=30
  mount "$ROOT/dev/disk/by-label/nixos" "$ROOT/mnt"
  [[ $FIRMWARE == ovmf ]] || return 0
  mkfs.vfat -n ESP "$(partition "$disk" ESP)" >/dev/null
  udevadm settle --timeout=30
  mkdir -p "$ROOT/mnt/boot"
  mount "$ROOT/dev/disk/by-label/ESP" "$ROOT/mnt/boot"
}

first_disk() {
  local name
  for name in vda sda; do
    if [[ -e $ROOT/dev/$name ]]; then
      echo "$ROOT/dev/$name"
      return
    fi
  done
  refuse "there is neither /dev/vda nor /dev/sda"
}

partition_for_efi() {
  parted --script "$1" mklabel gpt mkpart ESP fat32 1MiB 513MiB set 1 esp on mkpart root ext4 513MiB 100%
}

partition_for_bios() {
  parted --script "$1" mklabel gpt mkpart grub 1MiB 3MiB set 1 bios_grub on mkpart root ext4 3MiB 100%
}

# partition DISK LABEL: the device of a partition just made; by-partlabel, since names differ between kinds of disks.
partition() {
  lsblk -nrpo NAME,PARTLABEL "$1" | awk -v label="$2" '$2 == label { print $1 }'
}

refuse() {
  echo "prepare-disk: $1" >&2
  exit 1
}

main "$@"
