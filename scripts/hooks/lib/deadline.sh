#!/usr/bin/env bash
# Nothing waits for ever: the run's deadline, and commands that end with it.

DEADLINE_AT=0
BOUNDED_GROUP=
WATCHDOG_GROUP=

# start_deadline SECONDS: from now on.
start_deadline() {
  DEADLINE_AT=$((SECONDS + $1))
}

# seconds_left: until the deadline, at least 0.
seconds_left() {
  echo "$((DEADLINE_AT > SECONDS ? DEADLINE_AT - SECONDS : 0))"
}

# within_deadline: is there time left?
within_deadline() {
  ((SECONDS < DEADLINE_AT))
}

# run_bounded COMMAND...: runs a command until the deadline, then ends it with all its children. Exit code 124 says so.
run_bounded() {
  local seconds group code=0
  seconds=$(seconds_left)
  # Job control gives the command a process group of its own, so that its children end with it.
  set -m
  "$@" <&0 9>&- &
  group=$!
  BOUNDED_GROUP=$group
  { sleep "$seconds" && kill -TERM -- "-$group" && sleep 5 && kill -KILL -- "-$group"; } </dev/null >/dev/null 2>&1 9>&- &
  WATCHDOG_GROUP=$!
  set +m
  wait "$group" || code=$?
  BOUNDED_GROUP=
  stop_watchdog
  if ((code > 128)) && ! within_deadline; then
    code=124
    kill -KILL -- "-$group" 2>/dev/null || true
  fi
  return "$code"
}

# stop_watchdog: the command that it watches has ended.
stop_watchdog() {
  { kill -KILL -- "-$WATCHDOG_GROUP" && wait "$WATCHDOG_GROUP"; } 2>/dev/null || true
  WATCHDOG_GROUP=
}

# stop_bounded: ends the command that runs now, if one does.
stop_bounded() {
  if [[ -n $BOUNDED_GROUP ]]; then kill -TERM -- "-$BOUNDED_GROUP" 2>/dev/null || true; fi
  if [[ -n $WATCHDOG_GROUP ]]; then stop_watchdog; fi
}
