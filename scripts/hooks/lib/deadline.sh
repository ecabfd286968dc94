#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# Nothing waits for ever: the run's deadline, and commands that end with it.

NOW=0
DEADLINE_AT=0
# The deadline of the whole run, while steps have closer ones of their own.
RUN_DEADLINE_AT=0

# read_clock: leaves NOW, in seconds since the computer's start: bash's own SECONDS follow the wall clock, which may be set.
read_clock() {
  local up=$SECONDS
  [[ ! -r /proc/uptime ]] || read -r up _ </proc/uptime
  NOW=${up%.*}
}

# start_deadline SECONDS: from now on.
start_deadline() {
  read_clock
  DEADLINE_AT=$((NOW + $1))
}

# start_run_deadline SECONDS
start_run_deadline() {
  start_deadline "$1"
  RUN_DEADLINE_AT=$DEADLINE_AT
}

# resume_deadline: the run's again, with some time to look at how things ended.
resume_deadline() {
  local soonest
  read_clock
  soonest=$((NOW + NIXHERD_ROLLBACK_SECONDS))
  DEADLINE_AT=$((RUN_DEADLINE_AT > soonest ? RUN_DEADLINE_AT : soonest))
}

# seconds_left: until the deadline, at least 0.
seconds_left() {
  read_clock
  echo "$((DEADLINE_AT > NOW ? DEADLINE_AT - NOW : 0))"
}

# within_deadline: is there time left?
within_deadline() {
  read_clock
  ((NOW < DEADLINE_AT))
}

# run_bounded PROGRAM ARGUMENT...: runs a program until the deadline, then ends it with all its children. Exit code 124
# says so. Its process group, and the watchdog's, stand in a file for whoever ends the run.
run_bounded() {
  local seconds group watchdog code=0
  seconds=$(seconds_left)
  # Job control gives the command a process group of its own, so that its children end with it.
  set -m
  in_own_group "$SCRATCH/group.command" "$@" <&0 &
  group=$!
  # shellcheck disable=SC2016 # the inner shell expands it
  in_own_group "$SCRATCH/group.watchdog" \
    bash -c 'sleep "$1"; kill -TERM -- "-$2" && sleep 5 && kill -KILL -- "-$2"' watchdog "$seconds" "$group" </dev/null >/dev/null 2>&1 &
  watchdog=$!
  set +m
  wait "$group" || code=$?
  { kill -KILL -- "-$watchdog" && wait "$watchdog"; } 2>/dev/null || true
  rm -f "$SCRATCH"/group.*
  if ((code > 128)) && ! within_deadline; then
    code=124
    kill -KILL -- "-$group" 2>/dev/null || true
  fi
  return "$code"
}

# in_own_group FILE PROGRAM ARGUMENT...: the program writes its group down before it starts; a run that has ended lets none start.
in_own_group() {
  # shellcheck disable=SC2016 # the inner shell expands it
  exec sh -c 'echo "-$$" >"$0" || exit 125; exec "$@"' "$@"
}
