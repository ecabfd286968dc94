#!/usr/bin/env bash
# Runs on the machine as root: starts the activation of a system in a transient unit, and returns at once.
# Nothing of the unit is tied to this connection: its output goes to the journal, its result into a file.
# Arguments: VM id, system, action (switch, boot, test). Exit code 17: another activation is running.
set -euo pipefail

main() {
  local unit=nixherd-activate-$1 system=$2 action=$3 root=${NIXHERD_ROOT:-}
  local folder=$root/var/lib/nixherd
  if systemctl is-active --quiet "$unit.service"; then
    echo "unit $unit is running" >&2
    return 17
  fi
  if [[ ! -x $root$system/bin/switch-to-configuration || ! -e $root$system/nixos-version ]]; then
    echo "$system is not a NixOS system" >&2
    return 1
  fi
  mkdir -p "$folder"
  rm -f "$folder/result"
  date +%s >"$folder/started"
  # Kept until the activation ends well: a system that is current but did not come up cleanly is activated again.
  echo "failed=$system" >"$folder/activation"
  if [[ $action != test ]]; then
    nix-env --profile "$root/nix/var/nix/profiles/system" --set "$system"
  fi
  systemctl reset-failed "$unit.service" 2>/dev/null || true
  # shellcheck disable=SC2016 # the unit's shell expands these
  systemd-run --quiet --collect --no-ask-password --unit="$unit" --service-type=exec --setenv=NIXOS_INSTALL_BOOTLOADER=0 \
    /bin/sh -c '"$0" "$1"; code=$?; [ $code -ne 0 ] || echo ok >"$2/activation"; echo "code=$code" >"$2/result"' \
    "$root$system/bin/switch-to-configuration" "$action" "$folder"
}

main "$@" </dev/null
