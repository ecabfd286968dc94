#!/bin/bash
# Makes a system the one that the machine boots next, after the commands of its module.
# Usage: install-boot-loader.sh <toplevel>
set -eu

bash -eu "$1/lab/bootLoader"
echo "$1" >/boot/loader/default.new
sync /boot/loader/default.new
mv /boot/loader/default.new /boot/loader/default
