#!/usr/bin/env bash
# One try of one health check.

# health KIND SECONDS QUESTION: KIND is unit, http, tcp or command.
health() {
  local seconds=$2 question=$3
  case $1 in
    unit) check_unit "$question" ;;
    http) curl --silent --show-error --fail --output /dev/null --max-time "$seconds" "$question" ;;
    tcp) check_port "$seconds" "${question%:*}" "${question##*:}" || refused "$question" ;;
    command) timeout "$seconds" bash -c "$question" || refused "exit code $?" ;;
  esac
}

check_unit() {
  local state
  state=$(systemctl is-active "$1") || refused "${state:-unknown unit}"
}

# check_port SECONDS HOST PORT
check_port() {
  if command -v nc >/dev/null; then
    nc -z -w "$1" "$2" "$3"
  else
    # shellcheck disable=SC2016 # the inner shell expands it
    timeout "$1" bash -c 'exec 3<>"/dev/tcp/$1/$2"' check "$2" "$3"
  fi
}

# refused TEXT: the reason, as the last line.
refused() {
  echo "$1" >&2
  return 1
}
