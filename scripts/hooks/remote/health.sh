#!/usr/bin/env bash
# Runs on the machine: one try of one health check.
# Arguments: kind (unit, http, tcp, command), timeout in seconds, what to ask
set -euo pipefail

main() {
  local kind=$1 seconds=$2 question=$3
  case $kind in
    unit) check_unit "$question" ;;
    http) curl --silent --show-error --fail --output /dev/null --max-time "$seconds" "$question" ;;
    tcp) nc -z -w "$seconds" "${question%:*}" "${question##*:}" || refused "$question" ;;
    command) timeout "$seconds" bash -c "$question" || refused "exit code $?" ;;
  esac
}

check_unit() {
  local state
  state=$(systemctl is-active "$1") || refused "${state:-unknown unit}"
}

# refused TEXT: the reason, as the last line.
refused() {
  echo "$1" >&2
  return 1
}

main "$@" </dev/null
