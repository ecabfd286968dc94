#!/usr/bin/env bash
# What firmware, boot loader and NixOS's stages do: from a disk to systemd as PID 1. Runs as PID 1 of a machine's namespaces.
# Usage: boot-machine.sh <root>
set -euo pipefail

main() {
  cd "$1"
  mount_kernel_interfaces
  make_devices
  mount -t tmpfs -o mode=755 tmpfs run
  mount -t tmpfs -o mode=1777 tmpfs tmp
  give_boot_id
  choose_system
  mount --rbind . .
  cd "$1"
  mkdir -p .old
  pivot_root . .old
  # The clock is the whole computer's: no machine may set it.
  exec chroot . /bin/sh -c 'umount -l /.old; exec env -i container=lab PATH=/usr/sbin:/usr/bin \
    setpriv --bounding-set=-sys_time,-sys_module --inh-caps=-all /lib/systemd/systemd'
}

# mount_kernel_interfaces: a machine may look at this computer's settings, not change them.
mount_kernel_interfaces() {
  mount -t proc proc proc
  mount --bind proc/sys proc/sys
  mount -o remount,bind,ro proc/sys
  [[ ! -e proc/sysrq-trigger ]] || mount --bind /dev/null proc/sysrq-trigger
  mount -t sysfs -o ro sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
}

make_devices() {
  local device name minor
  mount -t tmpfs -o mode=755 tmpfs dev
  for device in null:3 zero:5 full:7 random:8 urandom:9; do
    name=${device%:*} minor=${device#*:}
    mknod -m 666 "dev/$name" c 1 "$minor"
  done
  mknod -m 666 dev/tty c 5 0
  mkdir dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
  mount -t tmpfs -o mode=1777 tmpfs dev/shm
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  for device in stdin:0 stdout:1 stderr:2; do ln -s "/proc/self/fd/${device#*:}" "dev/${device%:*}"; done
}

# give_boot_id: the kernel is older than this boot.
give_boot_id() {
  cat /proc/sys/kernel/random/uuid >run/boot-id
  mount --bind run/boot-id proc/sys/kernel/random/boot_id
}

# choose_system: the boot loader's default; its activation script runs before systemd, as in stage 2.
choose_system() {
  local system
  system=$(sed -n 's/^system=//p' boot/loader/default)
  ln -sfn "$system" run/booted-system
  chroot . "$system/activate" boot || true
}

main "$@"
