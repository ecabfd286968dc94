#!/bin/bash
# shellcheck disable=SC2034,SC2154 # parts of switch-to-configuration read each other's variables
# Units are reloaded, restarted and started after the activation script, and what came of it is told.

# run_units: what was to be done is forgotten as it is done.
run_units() {
  local unit
  echo "restarting sysinit-reactivation.target" >&2
  systemctl restart sysinit-reactivation.target || exit_code=4
  for unit in "${!to_reload[@]}"; do
    systemctl is-active --quiet "$unit" || { unset "to_reload[$unit]" && take start "$unit"; }
  done
  run_all reload reloading "${!to_reload[@]}"
  run_all restart restarting "${!to_restart[@]}"
  run_all start starting "${!to_start[@]}"
}

# run_all ACTION WORD UNIT...
run_all() {
  local said list=/run/nixos/$1-list
  if (($# > 2)); then
    tell "$2 the following units" "${@:3}"
    said=$(systemctl "$1" "${@:3}" 2>&1) || exit_code=4
    sed -n "s/^\(A dependency j\|J\)ob for \([^ ]*\) failed.*/Failed to $1 \2/p; /^Failed to/p" <<<"$said" >&2
  fi
  rm -f "$list"
}

# settle BEFORE: what has come of it. A service that failed and waits for its next try has failed.
settle() {
  local failed
  sleep 0.25
  comm -13 <(sort <<<"$1") <(units_in active activating | grep -v '\.scope$' | sort) | paste -sd , |
    sed -n 's/,/, /g; s/^./the following new units were started: &/p' >&2
  mapfile -t failed < <(failed_units)
  if ((${#failed[@]})); then
    echo "warning: the following units failed: $(printf '%s\n' "${failed[@]}" | paste -sd , | sed 's/,/, /g')" >&2
    systemctl status --no-pager --full "${failed[@]}"
    exit_code=4
  fi
  [[ ! -s $system/lab/after ]] || bash -eu "$system/lab/after" || exit
  exit "$exit_code"
}

failed_units() {
  local unit
  units_in failed
  while read -r unit; do
    [[ $(systemctl show --property ExecMainStatus --value "$unit") == 0 ]] || echo "$unit"
  done < <(units_in auto-restart)
}
