#!/bin/bash
# Stage 2 of a boot, after the initrd: the system's activation script, then systemd.

system=${0%/init}
export PATH=/usr/sbin:/usr/bin
ln -sfn "$system" /run/booted-system
"$system/activate" boot
exec env -i PATH="$PATH" /lib/systemd/systemd
