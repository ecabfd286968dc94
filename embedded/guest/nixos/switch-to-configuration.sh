#!/usr/bin/env bash
# Stand-in of a NixOS system's bin/switch-to-configuration inside an embedded machine. The system's file "activation"
# tells what becomes of it: an exit code, having done what the real one has done by then, or a word.
set -euo pipefail

main() {
  local system action=$1 fate
  system=$(follow "$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)")
  fate=$(<"$system/activation")
  if [[ $action == dry-activate ]]; then
    echo "would activate the configuration..." >&2
    sed 's/^/would start the following units: /' "$system/units" >&2
    return 0
  fi
  case $action in switch | boot) write_boot_loader "$system" "$fate" ;; esac
  [[ $action != boot ]] || return 0
  echo "activating the configuration..."
  case $fate in
    hang) exec sleep 86400 ;;
    freeze) touch "$NIXHERD_ROOT/run/frozen" && exec sleep 86400 ;;
    2) echo "Activation script snippet 'embedded' failed (2)" >&2 && return 2 ;;
    11) echo "Could not acquire lock" >&2 && return 11 ;;
    100)
      if [[ $(readlink "$NIXHERD_ROOT/run/current-system") != "$system" ]]; then
        echo "the new configuration needs a reboot" >&2
        return 100
      fi
      ;;
  esac
  ln -sfn "$system" "$NIXHERD_ROOT/run/current-system"
  start_units "$system" "$fate"
  # The panic of a program whose output is gone: the system is half there.
  case $fate in 4 | 101) return "$fate" ;; esac
}

# follow PATH: the store path that a profile leads to. Only its own links: the way to the machine's / may have others.
follow() {
  local path=$1 target
  while [[ -L $path ]]; do
    target=$(readlink "$path")
    [[ $target == /* ]] || target=$(dirname "$path")/$target
    path=$target
  done
  echo "$path"
}

# write_boot_loader SYSTEM FATE: what the machine boots next.
write_boot_loader() {
  if [[ $2 == no-boot-loader ]]; then
    echo "Failed to install bootloader" >&2
    return 1
  fi
  echo "${1#"$NIXHERD_ROOT"}" >"$NIXHERD_ROOT/boot/default"
}

# start_units SYSTEM FATE: with 4 the last unit fails.
start_units() {
  local unit
  # Every unit but those that this may run in.
  find "$NIXHERD_ROOT/run/units" -name '*.state' ! -name 'nixherd-*' -exec rm -f {} +
  while IFS= read -r unit; do
    echo "starting the following units: $unit"
    echo active >"$NIXHERD_ROOT/run/units/$unit.state"
  done <"$1/units"
  if [[ $2 == 4 ]]; then
    unit=$(tail -n 1 "$1/units")
    echo failed >"$NIXHERD_ROOT/run/units/${unit:-embedded.service}.state"
    echo "warning: the following units failed: ${unit:-embedded.service}" >&2
  fi
}

main "$@"
