# shellcheck shell=bash
# Sourced. Ends commands that have no deadline of their own.

# within <seconds> <command...>: the command's exit code, or 124 when it was ended at the deadline.
within() {
  local deadline=$((SECONDS + $1)) pid
  shift
  "$@" &
  pid=$!
  # Without job control a background command ignores Ctrl-C; it is passed on here.
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS >= deadline)); then
      kill "$pid" 2>/dev/null
      wait "$pid"
      trap - INT TERM
      return 124
    fi
    sleep 0.2
  done
  trap - INT TERM
  wait "$pid"
}
