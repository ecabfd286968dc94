#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# A new kernel proves itself before the boot loader hears of it: the machine is started into it once, past its boot loader
# (kexec), with a timer that restarts it unless the system is confirmed. Whatever keeps it from coming up, a reset brings
# back the old system.

# Can the machine be started past its boot loader? check_machine asks it.
TRIAL_POSSIBLE=false
# Has the new kernel been given a timer that ends the trial?
TRIAL_HAS_TIMER=false

# may_try: does the spec allow a restart now, and the machine a trial? Of a system that runs already there is no way back.
may_try() {
  [[ $TRIAL_POSSIBLE == true && $(fact current) != "$NIXHERD_SYSTEM" ]] && may_reboot
}

# boot_on_trial REASON: phases reboot, health and confirm. 1: the machine could not load the kernel, and nothing was changed.
boot_on_trial() {
  local code=0 seconds=$((NIXHERD_CONFIRM_SECONDS + NIXHERD_ROLLBACK_SECONDS))
  phase_start reboot "restarting the machine into the new system on trial: ${1% }; its boot loader keeps the old one"
  keep_old_in_boot_loader || return 1
  BOOT_BEFORE=$(fact boot)
  FACTS_ARE_FRESH=false
  remote_root load_trial "$NIXHERD_SYSTEM" "$seconds" >"$SCRATCH/trial" 2>"$SCRATCH/ssh-error" || no_trial || return 1
  if grep -q '^timer=armed$' "$SCRATCH/trial"; then TRIAL_HAS_TIMER=true; fi
  leave_undecided trial
  remote_root start_trial >/dev/null 2>"$SCRATCH/ssh-error" || code=$?
  case $code in
    # 255: the machine was quicker with its restart than with its answer.
    0 | 124 | 255) ;;
    *) no_trial || return 1 ;;
  esac
  LEFT_TRIAL="restarted by itself"
  await_boot "$BOOT_BEFORE" "$NIXHERD_CONFIRM_SECONDS" || leave_trial
  [[ $(fact current) == "$NIXHERD_SYSTEM" ]] || trial_failed
  remote_root arm_trial "$seconds" >/dev/null 2>"$SCRATCH/ssh-error" || say "note: no timer ends the trial: $(ssh_error)"
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

# confirm_trial: profile and boot loader get the system that has proved itself.
confirm_trial() {
  phase_start confirm "confirming the new system"
  resume_deadline
  install_system "$NIXHERD_SYSTEM" trial || end_trial 14 "the new system could not be confirmed: ${INSTALL_FAILURE:-${LAST_WORDS:-no answer}}"
  phase_ok "confirmed"
}
