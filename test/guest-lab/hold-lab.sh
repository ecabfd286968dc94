#!/usr/bin/env bash
# Holds one guest lab: namespaces with a network 10.0.20.0/24 and, in memory, the disks of its machines. They end, with
# every machine, when standard input ends, so nothing of a lab outlives whoever started it. Prints "ready".
# Below <folder>/disks/deployer/root stands a computer with Nix of its own that sees <shared> where this one does.
# Usage: hold-lab.sh <base> <folder> <flake> <attribute> <public key file> <shared folder>
set -euo pipefail

main() {
  local base=$1 folder=$2
  mount -t tmpfs -o size=8g,mode=755 tmpfs "$folder/disks"
  ip link set lo up
  ip link add switch type bridge
  ip address add 10.0.20.1/24 dev switch
  ip link set switch up
  mkdir -p "$folder/disks/template/upper" "$folder/disks/template/work" "$folder/disks/template/root"
  mount -t overlay -o "lowerdir=$base,upperdir=$folder/disks/template/upper,workdir=$folder/disks/template/work" \
    overlay "$folder/disks/template/root"
  make_template "$folder/disks/template/root" "$3" "$4" "$5"
  umount -R "$folder/disks/template/root"
  make_deployer "$folder/disks/deployer" "$folder/disks/template/upper:$base" "$6"
  echo ready
  cat >/dev/null
}

# make_deployer DISK LAYERS SHARED
make_deployer() {
  local root=$1/root
  mkdir -p "$1/upper/etc/lab" "$1/work" "$root"
  mount -t overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" overlay "$root"
  : >"$root/etc/lab/deployer"
  mount_for_nix "$root"
  mkdir -p "$root$3"
  mount --rbind "$3" "$root$3"
}

mount_for_nix() {
  mount -t proc proc "$1/proc"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
  ln -sfn pts/ptmx "$1/dev/ptmx"
}

# make_template ROOT FLAKE ATTRIBUTE KEY: the golden template has generation 1, and boots it.
make_template() {
  local root=$1 system
  mount_for_nix "$root"
  cp -r "$2" "$root/tmp/flake"
  install -m 600 "$4" "$root/root/.ssh/authorized_keys"
  install -d -m 700 "$root/home/ops/.ssh"
  install -m 600 "$4" "$root/home/ops/.ssh/authorized_keys"
  chroot "$root" chown -R ops: /home/ops/.ssh
  system=$(chroot "$root" env HOME=/root TMPDIR=/tmp nix build --no-link --print-out-paths \
    "path:/tmp/flake#nixosConfigurations.\"$3\".config.system.build.toplevel")
  chroot "$root" env HOME=/root nix-env --profile /nix/var/nix/profiles/system --set "$system"
  chroot "$root" "$system/bin/switch-to-configuration" boot
  rm -rf "$root/tmp/flake"
}

if [[ ${1:-} != inside ]]; then
  exec unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private -- \
    "${BASH_SOURCE[0]}" inside "$@"
fi
shift
main "$@"
