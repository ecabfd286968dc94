#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# The end of an activation that all is well with: profile and boot loader get the new system, in one step of the machine's own.

# confirm_activation: phase confirm.
confirm_activation() {
  local state=unreachable
  phase_start confirm "confirming the new system"
  LOST="the machine was asked to confirm the new system, so it runs and boots either that or the old one, $PREVIOUS"
  DEADLINE_AT=$((TIMER_AT + NIXHERD_ROLLBACK_SECONDS))
  if await_verdict; then state=$(answer state); fi
  case $state in
    confirmed | degraded)
      close_activation
      phase_ok "confirmed"
      ;;
    gone) settle_after_restart ;;
    *) way_back 14 "the new system was not confirmed: $(why_not_confirmed)" "Read the machine's words above, mend it and deploy again" ;;
  esac
}

# await_verdict: asks for the confirmation until the machine has decided; 1: the deadline came first.
await_verdict() {
  local known
  while within_deadline; do
    known=activated
    # A unit that runs already is refused; what counts is the verdict.
    if ! remote_root confirm "$RUN_ID" >/dev/null 2>"$SCRATCH/ssh-error"; then
      known=none
      close_connections
    fi
    if ask_news "$known"; then
      case $(answer state) in confirmed | degraded | rolled-back | stuck | gone) return 0 ;; esac
    fi
    still_waiting "the machine has not decided yet, or cannot be asked: $LAST_WORDS"
    sleep 0.3
  done
  return 1
}

why_not_confirmed() {
  local why
  why=$(answer why 2>/dev/null || true)
  case $why in
    deadline) echo "its time was over" ;;
    '') echo "the machine cannot be asked" ;;
    *) echo "$why" ;;
  esac
}

# settle_after_restart: the machine was restarted while it confirmed; what it runs now is what it had made permanent.
settle_after_restart() {
  if read_facts && [[ $(fact current) == "$NIXHERD_SYSTEM" && $(fact profile) == "$NIXHERD_SYSTEM" ]]; then
    close_activation
    phase_ok "confirmed; the machine was restarted meanwhile"
  else
    way_back 14 "the machine was restarted before the new system was confirmed" "Deploy again"
  fi
}

# verify_system: phase verify. What the machine says afterwards is what counts.
verify_system() {
  local key=current pending
  [[ $NIXHERD_ACTION != boot ]] || key=profile
  phase_start verify "reading back what the machine runs"
  resume_deadline
  until read_facts; do
    within_deadline || fail 22 "the machine cannot be asked what it runs: $(ssh_error)" "Check the machine, then deploy again"
    close_connections
    still_waiting "$(ssh_error)"
    sleep 0.3
  done
  FACTS_ARE_FRESH=true
  [[ $(fact "$key") == "$NIXHERD_SYSTEM" ]] || fail 18 "the machine's $key system is $(fact "$key"), not $NIXHERD_SYSTEM" \
    "Find out who else activates systems on this machine, then deploy again"
  phase_ok "$key system is $NIXHERD_SYSTEM, generation $(fact generation)"
  [[ -z $DEGRADED_UNITS ]] || fail 15 "the new system is confirmed and runs, but these units failed: $DEGRADED_UNITS" \
    "Look at their journal on the machine, correct the configuration and deploy again"
  pending=$(fact reboot | tr '\n' ' ')
  if [[ -n $pending && $NIXHERD_ACTION != test ]]; then reboot_for "$pending" || true; fi
}
