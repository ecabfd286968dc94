#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# News of a running activation, asked for over new connections: one that fails is only one try less.

# What ssh said to the last question that did not reach the machine.
LAST_WORDS=

# await_news KNOWN: until the activation is in another state than running and KNOWN; 1: the deadline came first.
# Leaves the answer for answer.
await_news() {
  local state
  while true; do
    if ask_news "$1"; then
      state=$(answer state)
      [[ $state == running || $state == "$1" ]] || return 0
      still_waiting "the activation is running"
    else
      still_waiting "$(ssh_error)"
    fi
    within_deadline || return 1
    sleep 0.3
  done
}

# ask_news KNOWN: one question, over a connection of its own.
ask_news() {
  local cursor said
  if ! fresh_root watch "$RUN_ID" "$CURSOR" "$1" >"$SCRATCH/news" 2>"$SCRATCH/ssh-error" || ! grep -q '^state=' "$SCRATCH/news"; then
    # A question that the deadline cut off says nothing.
    said=$(ssh_error)
    LAST_WORDS=${said:-$LAST_WORDS}
    ask_agent_again
    return 1
  fi
  mv "$SCRATCH/news" "$SCRATCH/answer"
  cat "$SCRATCH/answer" >>"$SCRATCH/said"
  sed -n 's/^log=/  /p' "$SCRATCH/answer"
  cursor=$(answer cursor)
  CURSOR=${cursor:-$CURSOR}
}

# answer NAME: what the machine said.
answer() {
  sed -n "s/^$1=//p" "$SCRATCH/answer"
}

# await_activation: ends phase activate; the new system runs then, unconfirmed, or NEEDS_REBOOT says why it cannot.
await_activation() {
  local state=unreachable
  if await_news none; then state=$(answer state); fi
  case $state in
    activated) judge_activation "$(answer code)" ;;
    gone)
      [[ $(answer boot) != "$BOOT_BEFORE" ]] || way_back 14 "the connection was lost before the activation began" "Deploy again"
      way_back 14 "the machine was restarted during the activation" "Deploy again"
      ;;
    lost) way_back 14 "the activation was killed" "Look at the machine's journal and its memory, then deploy again" ;;
    *) way_back 14 "" "" ;;
  esac
}

# judge_activation CODE: the exit codes of switch-to-configuration. Most numbers may also be that of any error of the
# system's, which is why it counts what was changed, and what was said.
judge_activation() {
  local ended="the activation failed (switch-to-configuration ended with $1)"
  local hint="Read the machine's words above, correct the configuration and deploy again"
  case $1/$(answer changed) in
    0/*) phase_ok "the new system runs, unconfirmed" ;;
    # It ends with 4 as well if the activation script had failed before the units.
    4/*) if has_said 'Failed to run activate script'; then way_back 14 "the activation script failed" "$hint"; else judge_units "$hint"; fi ;;
    11/) way_back 17 "another activation holds the machine's lock" "Deploy again when it is over" ;;
    100/) needs_reboot "its init cannot take over from the running one" ;;
    */) if has_said switchInhibitors; then needs_reboot "the machine's switchInhibitors forbid it"; else way_back 14 "$ended" "$hint"; fi ;;
    *) way_back 14 "$ended" "$hint" ;;
  esac
}

# judge_units HINT: a job may fail and leave no failed unit: a reload, say.
judge_units() {
  local units
  units=$(answer unit | tr '\n' ' ')
  units=${units% }
  units=${units:-those that the machine named}
  [[ $NIXHERD_DEGRADED == keep ]] || way_back 14 "these units failed: $units" "$1"
  DEGRADED_UNITS=$units
  phase_ok "the new system runs, unconfirmed; these units failed: $units"
}

# has_said TEXT: did the machine say it in the course of the activation?
has_said() {
  grep -q "^log=.*$1" "$SCRATCH/said"
}

# needs_reboot WHY: nothing was changed; the system has to wait for the next boot.
needs_reboot() {
  NEEDS_REBOOT=$1
  phase_ok "the system cannot be activated while the machine runs: $1"
  take_back "$1" || lost_machine 22 "$1" "Deploy again"
}
