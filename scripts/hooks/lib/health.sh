#!/usr/bin/env bash
# Can the machine still be reached, and does it do what it is there for?

HEALTH_FAILURE=

# prove_health: phase health of a system that is not confirmed yet. What is asked from here on is asked over a connection
# that the new system has accepted.
prove_health() {
  local code=0
  close_connections
  check_health || code=$?
  case $code in
    0) ;;
    2) way_back 14 "$HEALTH_FAILURE" "Check what the configuration does to the network, the firewall and sshd" ;;
    *) way_back 19 "$HEALTH_FAILURE" "Look at what the configuration changes about it, correct it and deploy again" ;;
  esac
}

# check_health: phase health. 1: a check failed, 2: nobody answers; HEALTH_FAILURE says more, and the phase is left open.
check_health() {
  local kind retries timeout question count=0
  phase_start health "checking that new connections come up, and the spec's health checks"
  : >"$SCRATCH/health"
  if [[ $NIXHERD_HEALTH != '[]' ]]; then
    json health <<<"$NIXHERD_HEALTH" >"$SCRATCH/health" || fail 2 "NIXHERD_HEALTH is not a list of checks" "Correct nixos.health of the spec"
  fi
  until fresh_root reachable >/dev/null 2>"$SCRATCH/ssh-error"; do
    HEALTH_FAILURE="no new connection comes up: $(ssh_error)"
    within_deadline || return 2
    ask_agent_again
    sleep 0.3
  done
  while IFS=$'\t' read -r kind retries timeout question <&3; do
    check_once_or_more "$kind" "$retries" "$timeout" "$question" || return 1
    count=$((count + 1))
  done 3<"$SCRATCH/health"
  phase_ok "new connections come up, and $count of $count health checks passed"
}

# check_once_or_more KIND RETRIES TIMEOUT QUESTION
check_once_or_more() {
  local try
  for ((try = 0; try <= $2; try++)); do
    ((try == 0)) || sleep 1
    remote health "$1" "$3" "$4" >"$SCRATCH/health-answer" 2>&1 && return
    within_deadline || break
  done
  HEALTH_FAILURE="health check $1 \"$4\" failed: $(tail -n 1 "$SCRATCH/health-answer")"
  return 1
}
