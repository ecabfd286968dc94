#!/usr/bin/env bash
# Stand-in of a NixOS system's bin/switch-to-configuration inside an embedded machine. The system's file "activation"
# tells what becomes of it: an exit code, having done what the real one has done by then, or a word.
set -euo pipefail

main() {
  local system action=$1 fate
  system=$(follow "$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)")
  fate=$(<"$system/activation")
  check "$fate"
  if [[ $action == dry-activate ]]; then
    echo "would activate the configuration..." >&2
    sed 's/^/would start the following units: /' "$system/units" >&2
    return 0
  fi
  case $action in switch | boot) write_boot_loader "$system" "$fate" ;; esac
  [[ $action != boot ]] || return 0
  if [[ $fate == 100 && $(readlink "$NIXHERD_ROOT/run/current-system") != "$system" ]]; then
    echo "the new configuration needs a reboot" >&2
    return 100
  fi
  activate "$system" "$fate"
  start_units "$system" "$fate"
  case $fate in
    2 | 4 | 101) return "$fate" ;;
    reload | next-try | both) return 4 ;;
  esac
}

# check FATE: what comes before anything is changed.
check() {
  if [[ $1 == 11 ]]; then
    echo "Could not acquire lock" >&2
    exit 11
  fi
  if [[ $1 == guarded && -e $NIXHERD_ROOT/run/busy && ${NIXOS_NO_CHECK:-} != 1 ]]; then
    echo "Pre-switch check 'busy' failed"
    echo "Pre-switch checks failed" >&2
    exit 1
  fi
}

# activate SYSTEM FATE: like the real one it goes on after an activation script that failed. Ends with 11 where logind
# does not answer: the number of the system's error that it met last.
activate() {
  # Every unit but those that this may run in.
  find "$NIXHERD_ROOT/run/units" -name '*.state' ! -name 'nixherd-*' -exec rm -f {} +
  echo "activating the configuration..."
  case $2 in
    hang) exec sleep 86400 ;;
    freeze) touch "$NIXHERD_ROOT/run/frozen" && exec sleep 86400 ;;
    no-logind) touch "$NIXHERD_ROOT/run/no-logind" ;;
    2 | both) echo "Activation script snippet 'embedded' failed (2)" >&2 && echo "Failed to run activate script" >&2 ;;
  esac
  ln -sfn "$1" "$NIXHERD_ROOT/run/current-system"
  if [[ -e $NIXHERD_ROOT/run/no-logind ]]; then
    echo "Unable to list users with logind" >&2
    exit 11
  fi
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

# start_units SYSTEM FATE: in some the last unit fails.
start_units() {
  local unit
  while IFS= read -r unit; do
    echo "starting the following units: $unit"
    echo active >"$NIXHERD_ROOT/run/units/$unit.state"
  done <"$1/units"
  unit=$(tail -n 1 "$1/units")
  unit=${unit:-embedded.service}
  case $2 in
    4 | both) echo failed >"$NIXHERD_ROOT/run/units/$unit.state" ;;
    next-try) echo auto-restart >"$NIXHERD_ROOT/run/units/$unit.state" ;;
    reload) echo "Failed to reload $unit" >&2 && return ;;
    *) return 0 ;;
  esac
  echo "warning: the following units failed: $unit" >&2
}

main "$@"
