#!/usr/bin/env bash
# Holds one guest lab: namespaces with a network 10.0.20.0/24 and, in memory, the disks of its machines. They end, with
# every machine, when standard input ends, so nothing of a lab outlives whoever started it. Prints "ready".
# Usage: hold-lab.sh <base> <folder> <flake> <attribute> <public key file>
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
  echo ready
  cat >/dev/null
}

# make_template ROOT FLAKE ATTRIBUTE KEY: the golden template has generation 1, and boots it.
make_template() {
  local root=$1 system
  mount -t proc proc "$root/proc"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  ln -sfn pts/ptmx "$root/dev/ptmx"
  cp -r "$2" "$root/tmp/flake"
  install -m 600 "$4" "$root/root/.ssh/authorized_keys"
  install -d -m 700 "$root/home/ops/.ssh"
  install -m 600 "$4" "$root/home/ops/.ssh/authorized_keys"
  chroot "$root" chown -R ops: /home/ops/.ssh
  system=$(chroot "$root" env HOME=/root TMPDIR=/tmp nix build --no-link --print-out-paths \
    "path:/tmp/flake#nixosConfigurations.\"$3\".config.system.build.toplevel")
  chroot "$root" env HOME=/root nix-env --profile /nix/var/nix/profiles/system --set "$system"
  echo "$system" >"$root/boot/loader/default"
  rm -rf "$root/tmp/flake"
}

if [[ ${1:-} != inside ]]; then
  exec unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private -- \
    "${BASH_SOURCE[0]}" inside "$@"
fi
shift
main "$@"
