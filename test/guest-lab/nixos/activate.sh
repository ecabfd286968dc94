#!/bin/bash
# The activation script of a system: /etc/static, the module's own commands, and last of all /run/current-system. Like NixOS
# it goes on after a command that fails, and tells of it by its exit code.
set -u

system=$(readlink -f "${BASH_SOURCE[0]%/*}")
status=0
ln -sfn "$system/etc" /etc/static.new
mv -T /etc/static.new /etc/static || status=1
ln -sfn /etc/static/systemd/system.conf /etc/systemd/system.conf || status=1
hostname "$(<"$system/etc/hostname")" || status=1
mkdir -p /run/nixos
bash -eu "$system/lab/activation" || status=$?
ln -sfn "$system" /run/current-system
exit "$status"
