#!/usr/bin/env bash
# Runs on the machine as root: waits a little for the result of the activation, and prints it as key=value lines:
# code=<exit code>, and if that is not 0 unit=<failed unit> and log=<line of the journal>; or state=running, state=lost.
# Arguments: VM id
set -euo pipefail

main() {
  local unit=nixherd-activate-$1 folder=${NIXHERD_ROOT:-}/var/lib/nixherd tries=0
  local result=$folder/result
  while [[ ! -s $result ]]; do
    tries=$((tries + 1))
    if has_ended "$unit" && [[ ! -s $result ]]; then
      echo "state=lost"
      return
    fi
    if ((tries > 100)); then
      echo "state=running"
      return
    fi
    sleep 0.1
  done
  cat "$result"
  [[ $(<"$result") == code=0 ]] || explain "$unit" "$(<"$folder/started")"
}

# has_ended UNIT: does systemd say so? While it re-executes itself during the activation it says nothing.
has_ended() {
  case $(systemctl is-active "$1.service" || true) in inactive | failed) ;; *) return 1 ;; esac
}

# explain UNIT STARTED: which units failed, and the last words of the activation that started then.
explain() {
  systemctl list-units --state=failed --plain --no-legend --full | sed -n 's/^\([^ ]*\) .*/unit=\1/p'
  journalctl --unit "$1.service" --since "@$2" --lines 20 --output cat --no-pager | sed 's/^/log=/'
}

main "$@" </dev/null
