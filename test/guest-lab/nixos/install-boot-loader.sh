#!/bin/bash
# Makes a system the one that the machine boots next, after the commands of its module. GRUB reads the default as an
# environment block, and knows nothing of the file system's journal: whoever calls this leaves nothing unwritten.
# Usage: install-boot-loader.sh <toplevel>
set -eu

bash -eu "$1/lab/bootLoader"
printf '# GRUB Environment Block\nsystem=%s\n' "$1" >/boot/loader/default.new
sync /boot/loader/default.new
mv /boot/loader/default.new /boot/loader/default
