#!/usr/bin/env bash
# Stand-in of a NixOS system's bin/switch-to-configuration inside an embedded machine.
# Ends with the exit code that the system's file "activation" tells, having done what the real one has done by then;
# "hang" there means never.
set -euo pipefail

main() {
  local system action=$1 code
  system=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  code=$(<"$system/activation")
  if [[ $action == boot ]]; then return 0; fi
  echo "activating the configuration..."
  if [[ $code == hang ]]; then exec sleep 86400; fi
  if ((code == 2)); then
    echo "Activation script snippet 'embedded' failed (2)" >&2
    return 2
  fi
  if ((code == 100)) && [[ $(readlink "$NIXHERD_ROOT/run/current-system") != "$system" ]]; then
    echo "the new configuration needs a reboot" >&2
    return 100
  fi
  ((code == 4)) || code=0
  ln -sfn "$system" "$NIXHERD_ROOT/run/current-system"
  start_units "$system" "$code"
  return "$code"
}

# start_units SYSTEM CODE: with code 4 the last unit fails.
start_units() {
  local unit
  # Every unit but the one that this runs in.
  find "$NIXHERD_ROOT/run/units" -name '*.state' ! -name 'nixherd-activate-*' -exec rm -f {} +
  while IFS= read -r unit; do
    echo "starting the following units: $unit"
    echo active >"$NIXHERD_ROOT/run/units/$unit.state"
  done <"$1/units"
  if (($2 == 4)); then
    unit=$(tail -n 1 "$1/units")
    echo failed >"$NIXHERD_ROOT/run/units/${unit:-embedded.service}.state"
    echo "warning: the following units failed: ${unit:-embedded.service}" >&2
  fi
}

main "$@"
