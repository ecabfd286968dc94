#!/usr/bin/env bash
# Runs one machine with a kernel of its own, in QEMU's emulation: it needs no help of this computer's processor. Its power
# goes with this process, its disk stays. Runs in the lab's namespaces.
# Usage: run-machine.sh <folder> <control group> <vmid> <address with prefix>
set -euo pipefail

folder=$1 group=$2 vmid=$3 address=$4
disk=$folder/disks/$vmid/disk.qcow2
port=port-$vmid
mac=$(printf '52:54:00:00:%02x:%02x' $((vmid / 256 % 256)) $((vmid % 256)))

main() {
  mkdir -p "$group" "${disk%/*}"
  echo 0 >"$group/cgroup.procs"
  [[ -e $disk ]] || qemu-img create -q -f qcow2 -b "$folder/disks/template/disk.raw" -F raw "$disk"
  plug_in
  start
}

# plug_in: the switch's end of the cable; QEMU holds the other one.
plug_in() {
  ! ip link show "$port" >/dev/null 2>&1 || return 0
  ip tuntap add "$port" mode tap
  ip link set "$port" master switch up
}

# start: the machine finds its address, as it would in a cloud-init drive, in the serial number of its firmware. Without cx16:
# QEMU 7.2 spoils the flags of a cmpxchg16b, on which the kernel's allocator stands.
start() {
  exec qemu-system-x86_64 -nodefaults -no-user-config -display none -monitor none \
    -machine pc,accel=tcg -cpu max,-cx16 -smp 1 -m 1024 -rtc base=utc -smbios "type=1,product=nixherd-lab,serial=$address" \
    -drive "file=$disk,format=qcow2,if=virtio" \
    -netdev "tap,id=net,ifname=$port,script=no,downscript=no" -device "virtio-net-pci,netdev=net,mac=$mac" \
    -device virtio-rng-pci -device virtio-serial-pci \
    -chardev "socket,id=agent,path=$folder/$vmid.agent,server=on,wait=off" \
    -device virtserialport,chardev=agent,name=org.qemu.guest_agent.0 \
    -chardev "file,id=console,path=$folder/$vmid.console,append=on" -serial chardev:console
}

main
