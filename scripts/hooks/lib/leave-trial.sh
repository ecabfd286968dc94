#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# A trial that did not go well: how the machine got back to the old system, or gets there.

# How the machine got out of a trial that it did not come back from.
LEFT_TRIAL=

# leave_trial: the new system did not come up in time. The machine's timer comes a little later than that.
leave_trial() {
  local why
  why="the machine did not come up with the new system within ${NIXHERD_CONFIRM_SECONDS}s: $(ssh_error)"
  LEFT_TRIAL="was reset"
  reset_into_another_boot && return
  if [[ $TRIAL_HAS_TIMER == true ]]; then
    LEFT_TRIAL="restarted by itself"
    await_boot "$BOOT_BEFORE" "$((NIXHERD_ROLLBACK_SECONDS + NIXHERD_DEADLINE_SECONDS))" && return
    why+="; nor did its timer bring it back"
  fi
  rm -f "$SCRATCH/undecided"
  fail 22 "$why. A reset brings back the old system, $PREVIOUS" \
    "Look at its console, then reset it (qm reset $NIXHERD_VM_ID), or let the spec do so (nixos.resetWhenLost)"
}

# trial_failed: the machine is up again, with what its boot loader starts.
trial_failed() {
  rm -f "$SCRATCH/undecided"
  phase_fail "the new system did not come up, and the machine $LEFT_TRIAL"
  [[ $(fact current) == "$PREVIOUS" ]] || fail 18 "the new system did not come up, and the machine runs $(fact current)" \
    "Find out who else activates systems on this machine, then deploy again"
  fail 14 "the new system did not come up; the machine $LEFT_TRIAL and runs the old system again, $PREVIOUS" \
    "Look at the journal of that boot (journalctl --boot -1), correct the configuration and deploy again"
}

# end_trial CODE WHY: the new system came up, but is not to stay. Its boot loader was not told of it.
end_trial() {
  rm -f "$SCRATCH/undecided"
  phase_fail "$2"
  phase_start roll-back "restarting the machine into the old system"
  BOOT_BEFORE=$(fact boot)
  if restart_machine && [[ $(fact current) == "$PREVIOUS" ]]; then
    phase_ok "the old system runs"
    fail "$1" "$2; the machine was restarted once more and runs the old system again, $PREVIOUS" "Correct the configuration and deploy again"
  fi
  fail 18 "$2, and the old system did not come back: the machine ran $(fact current) last" \
    "Look at its console; a reset (qm reset $NIXHERD_VM_ID) brings back the old system, $PREVIOUS"
}
