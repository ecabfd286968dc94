#!/usr/bin/env bash
# What the hook says: phases for programs, sentences for people, and how a run ends.

PHASE_NAME=
PHASE_STARTED_MS=0
PHASE_LOG=
SAID_AT=0

# now_ms: milliseconds of the wall clock. Bash before 5 has no clock finer than a second of its own.
now_ms() {
  if [[ -n ${EPOCHREALTIME:-} ]]; then
    local microseconds=${EPOCHREALTIME//[.,]/}
    echo "$((microseconds / 1000))"
  else
    perl -MTime::HiRes=time -e 'printf "%d\n", time * 1000'
  fi
}

# open_phase_log: the file that keeps the phases of this machine's runs.
open_phase_log() {
  PHASE_LOG=.nixherd/hooks/$NIXHERD_STACK/$NIXHERD_VM_ID.jsonl
  mkdir -p "${PHASE_LOG%/*}"
}

# say TEXT: one line for people.
say() {
  SAID_AT=$SECONDS
  printf '%s (%s): %s\n' "$NIXHERD_VM_NAME" "$NIXHERD_VM_ID" "$1"
}

# still_waiting REASON: said every 15 seconds of a wait, so that a long one explains itself.
still_waiting() {
  if ((SECONDS >= SAID_AT + 15)); then say "still waiting: $1"; fi
}

# json_string TEXT: TEXT as the inside of a JSON string; other control characters become blanks.
json_string() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  printf '%s' "${text//[[:cntrl:]]/ }"
}

# write_phase STATE MS TEXT: the parseable line, and its copy in the log.
write_phase() {
  printf 'phase=%s state=%s ms=%s\n' "$PHASE_NAME" "$1" "$2"
  [[ -n $PHASE_LOG ]] || return 0
  printf '{"at":"%s","run":%s,"stack":"%s","vmId":%s,"name":"%s","phase":"%s","state":"%s","ms":%s,"text":"%s"}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$$" "$NIXHERD_STACK" "$NIXHERD_VM_ID" "$NIXHERD_VM_NAME" \
    "$PHASE_NAME" "$1" "$2" "$(json_string "$3")" >>"$PHASE_LOG"
}

# phase_start NAME TEXT: a run whose head was killed goes no further.
phase_start() {
  kill -0 "$$" 2>/dev/null || exit 137
  PHASE_NAME=$1
  PHASE_STARTED_MS=$(now_ms)
  echo "$PHASE_NAME $PHASE_STARTED_MS" >"$SCRATCH/phase"
  write_phase start 0 "$2"
  say "$2"
}

# phase_ok TEXT: ends the open phase well.
phase_ok() {
  end_phase ok "$1"
  say "$1"
}

# phase_fail TEXT: ends the open phase, but not the run.
phase_fail() {
  end_phase fail "$1" >&2
  say "$1" >&2
}

# end_phase STATE TEXT
end_phase() {
  write_phase "$1" "$(($(now_ms) - PHASE_STARTED_MS))" "$2"
  PHASE_NAME=
  rm -f "$SCRATCH/phase"
}

# phase_skip NAME TEXT: a phase with nothing to do, and why.
phase_skip() {
  PHASE_NAME=$1
  write_phase skip 0 "$2"
  say "$2"
  PHASE_NAME=
}

# fail CODE WHAT HINT: ends the run. The codes are those of post-apply.sh.
fail() {
  if [[ -n $PHASE_NAME ]]; then end_phase fail "$2" >&2; fi
  write_result "$1" "$2"
  say "$2. $3." >&2
  exit "$1"
}
