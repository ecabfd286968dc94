#!/usr/bin/env bash
# The spec's health checks, run on the machine.

# check_health: phase health.
check_health() {
  local kind retries timeout question count=0
  if [[ $NIXHERD_HEALTH == '[]' ]]; then
    phase_skip health "no health checks"
    return
  fi
  phase_start health "checking health"
  json health <<<"$NIXHERD_HEALTH" >"$SCRATCH/health" || fail 2 "NIXHERD_HEALTH is not a list of checks" "Correct nixos.health of the spec"
  while IFS=$'\t' read -r kind retries timeout question <&3; do
    check_once_or_more "$kind" "$retries" "$timeout" "$question"
    count=$((count + 1))
  done 3<"$SCRATCH/health"
  phase_ok "$count of $count health checks passed"
}

# check_once_or_more KIND RETRIES TIMEOUT QUESTION
check_once_or_more() {
  local try
  for ((try = 0; try <= $2; try++)); do
    remote_script health "$1" "$3" "$4" >"$SCRATCH/health-answer" 2>&1 && return
    within_deadline || break
    sleep 1
  done
  fail 19 "health check $1 \"$4\" failed: $(tail -n 1 "$SCRATCH/health-answer")" \
    "The new system is active: look at the machine's journal, correct the configuration and deploy again"
}
