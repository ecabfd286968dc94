#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# A new kernel proves itself before the boot loader hears of it: the machine is started into it once, past its boot loader
# (kexec). Whatever keeps it from coming up, a reset brings back the old system.

# Can the machine be started past its boot loader? check_machine asks it.
TRIAL_POSSIBLE=false
# How the machine got out of a trial that it did not come back from.
LEFT_TRIAL=

# may_try: does the spec allow a restart now, and the machine a trial? Of a system that runs already there is no way back.
may_try() {
  [[ $TRIAL_POSSIBLE == true && $(fact current) != "$NIXHERD_SYSTEM" ]] && may_reboot
}

# boot_on_trial REASON: phases reboot, health and confirm. 1: the machine could not load the kernel, and nothing was changed.
boot_on_trial() {
  local code=0
  phase_start reboot "restarting the machine into the new system on trial: ${1% }; its boot loader keeps the old one"
  keep_old_in_boot_loader || return 1
  BOOT_BEFORE=$(fact boot)
  FACTS_ARE_FRESH=false
  remote_root load_trial "$NIXHERD_SYSTEM" >/dev/null 2>"$SCRATCH/ssh-error" || no_trial || return 1
  leave_undecided trial
  remote_root start_trial >/dev/null 2>"$SCRATCH/ssh-error" || code=$?
  case $code in
    # 255: the machine was quicker with its restart than with its answer.
    0 | 124 | 255) ;;
    *) no_trial || return 1 ;;
  esac
  LEFT_TRIAL="restarted by itself"
  await_boot "$BOOT_BEFORE" "$NIXHERD_CONFIRM_SECONDS" || reset_trial
  [[ $(fact current) == "$NIXHERD_SYSTEM" ]] || trial_failed
  phase_ok "the machine runs the new system, on trial"
  check_health || end_trial "$(($? == 2 ? 14 : 19))" "after the restart $HEALTH_FAILURE"
  confirm_trial
}

# no_trial: the machine does not start the kernel, and nothing was changed. Always 1.
no_trial() {
  rm -f "$SCRATCH/undecided"
  phase_fail "the machine cannot start it past its boot loader: $(ssh_error)"
  return 1
}

# keep_old_in_boot_loader: a system that was left for the next boot is in the boot loader already; until it has proved
# itself, the running one goes back there.
keep_old_in_boot_loader() {
  PREVIOUS=$(fact profile)
  [[ $PREVIOUS == "$NIXHERD_SYSTEM" ]] || return 0
  PREVIOUS=$(fact current)
  install_system "$PREVIOUS" && return
  phase_fail "the boot loader could not be given the running system back: ${INSTALL_FAILURE:-${LAST_WORDS:-no answer}}"
  return 1
}

# reset_trial: the new system did not come up in time.
reset_trial() {
  local why
  why="the machine did not come up with the new system within ${NIXHERD_CONFIRM_SECONDS}s: $(ssh_error)"
  LEFT_TRIAL="was reset"
  reset_into_another_boot && return
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

# confirm_trial: profile and boot loader get the system that has proved itself.
confirm_trial() {
  phase_start confirm "confirming the new system"
  install_system "$NIXHERD_SYSTEM" || end_trial 14 "the new system could not be confirmed: ${INSTALL_FAILURE:-${LAST_WORDS:-no answer}}"
  phase_ok "confirmed"
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
