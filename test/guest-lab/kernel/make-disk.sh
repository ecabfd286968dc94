#!/usr/bin/env bash
# Makes the disk that the machines are copies of: GRUB, and one ext4 partition with the golden template. Runs in the lab's
# namespaces, mounts no image and needs no loop device.
# Usage: make-disk.sh <base> <template> <disk>   <template> is the folder that hold-lab.sh leaves
set -euo pipefail

readonly partition_starts_at=$((1024 * 1024)) disk_mib=3072

main() {
  local base=$1 template=$2 disk=$3
  mkdir -p "$template/whole"
  mount -t overlay -o "ro,lowerdir=$template/upper:$base" overlay "$template/whole"
  truncate --size "${disk_mib}M" "$disk"
  echo "$((partition_starts_at / 512)),,L,*" | sfdisk --quiet "$disk"
  install_boot_loader "$template/whole/boot/grub" "$disk"
  mke2fs -q -F -t ext4 -E "offset=$partition_starts_at" -d "$template/whole" "$disk" "$((disk_mib - 1))M"
  umount "$template/whole"
}

# install_boot_loader GRUB DISK: the master boot record without its partition table, and GRUB's core right behind it.
install_boot_loader() {
  dd if="$1/boot.img" of="$2" bs=440 count=1 conv=notrunc status=none
  dd if="$1/core.img" of="$2" bs=512 seek=1 conv=notrunc status=none
  (($(stat --format %s "$1/core.img") < partition_starts_at - 512)) || { echo "GRUB's core does not fit" >&2 && return 1; }
}

main "$@"
