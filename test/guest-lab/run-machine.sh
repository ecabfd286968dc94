#!/usr/bin/env bash
# Runs one machine of a lab from power-on to power-off; a reboot from inside starts it anew. Runs in the lab's namespaces.
# The machine has a network interface, a control group and namespaces of its own; its disk stays when it goes.
# Usage: run-machine.sh <base> <folder> <control group> <vmid> <name> <address with prefix>
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
base=$1 folder=$2 group=$3 vmid=$4 name=$5 address=$6
disk=$folder/disks/$vmid
net=$folder/disks/net-$vmid

main() {
  local code=129
  plug_in
  mkdir -p "$group" "$disk/upper/etc/lab" "$disk/work" "$disk/root"
  echo "$address" >"$disk/upper/etc/lab/address"
  echo "$name" >"$disk/upper/etc/hostname"
  mountpoint -q "$disk/root" ||
    mount -t overlay -o "lowerdir=$folder/disks/template/upper:$base,upperdir=$disk/upper,workdir=$disk/work" overlay "$disk/root"
  # 128 + SIGHUP is how the kernel tells that PID 1 of a namespace asked for a reboot.
  while ((code == 129)); do
    code=0
    # A power cut kills it, which bash would remark on.
    boot 3>&2 2>/dev/null || code=$?
  done
}

# plug_in: port-<vmid> is the switch's end of the cable, eth0 the machine's.
plug_in() {
  [[ ! -e $net ]] || return 0
  : >"$net"
  unshare --net="$net" true
  ip link add "port-$vmid" type veth peer name eth0 netns "$net"
  ip link set "port-$vmid" master switch up
}

boot() {
  # shellcheck disable=SC2016 # the inner shell expands it
  bash -c 'echo 0 >"$1/cgroup.procs"; shift; exec "$@"' - "$group" \
    nsenter --net="$net" unshare --mount --uts --ipc --pid --cgroup --fork --kill-child --propagation private -- \
    "$here/boot-machine.sh" "$disk/root" 2>&3 3>&-
}

main
