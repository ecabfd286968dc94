#!/bin/bash
# shellcheck disable=SC2154 # parts of switch-to-configuration read each other's variables
# What is done with units, in the words of NixOS.

# tell WORDS UNIT...: nothing where there are none to tell of.
tell() {
  local words=$1 unit told=()
  shift
  for unit in "$@"; do [[ -v quiet[$unit] ]] || told+=("$unit"); done
  ((${#told[@]})) || return 0
  told=("$(printf '%s\n' "${told[@]}" | sort | paste -sd ,)")
  echo "$words: ${told[*]//,/, }" >&2
}

tell_what_would_be() {
  tell "would stop the following units" "${!to_stop[@]}"
  tell "would NOT stop the following changed units" "${!to_skip[@]}"
  echo "would activate the configuration..." >&2
  ! is_other_systemd || echo "would restart systemd" >&2
  tell "would reload the following units" "${!to_reload[@]}"
  tell "would restart the following units" "${!to_restart[@]}"
  tell "would start the following units" "${!to_start[@]}"
  exit
}
