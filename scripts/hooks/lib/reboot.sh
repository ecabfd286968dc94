#!/usr/bin/env bash
# Systems that need a restart of the machine: made the next one to boot, and restarted into when the spec lets us.

# needs_boot REASON: a system that only a boot makes the running one. With a restart allowed it is tried first; else it
# becomes the one that the next boot starts, and what runs now is left alone.
needs_boot() {
  if may_try && boot_on_trial "$1"; then return; fi
  phase_start activate "making $NIXHERD_SYSTEM the system of the next boot"
  PREVIOUS=$(fact profile)
  install_system "$NIXHERD_SYSTEM" || install_failed
  phase_ok "the next boot starts the new system"
  if [[ $NIXHERD_ACTION == boot ]]; then
    reboot_for "$1" || true
    return
  fi
  reboot_for "$1" || fail 16 "the new system becomes active with the next boot only: $1" \
    "Reboot the machine, or let the spec do so (nixos.reboot), then deploy again"
}

INSTALL_FAILURE=

# install_system SYSTEM [ACTION]: profile and boot loader, by a unit of the machine. ACTION trial says that the system is on
# trial, which ends with it; default boot.
install_system() {
  open_activation "$1" "${2:-boot}" "$(seconds_left)" "$NIXHERD_ROLLBACK_SECONDS"
  await_news none || return 1
  case $(answer state) in installed | rolled-back | stuck) close_activation ;; esac
  INSTALL_FAILURE=$(answer why)
  [[ $(answer state) == installed ]]
}

# install_failed: ends the run.
install_failed() {
  [[ -n $INSTALL_FAILURE ]] || fail 22 "the machine did not say whether its next boot starts the new system or $PREVIOUS: ${LAST_WORDS:-no answer}. What runs was left alone" \
    "Deploy again"
  fail 14 "the system could not be made the next one to boot: $INSTALL_FAILURE; the machine runs and boots $PREVIOUS as before" \
    "Read the machine's words above, mend it and deploy again"
}

# reboot_for REASON: restarts the machine if the spec lets us now, and sees that the new system came up. 1: not now.
reboot_for() {
  if ! may_reboot; then
    say "a reboot is due: ${1% }"
    return 1
  fi
  phase_start reboot "restarting the machine: ${1% }"
  BOOT_BEFORE=$(fact boot)
  restart_machine || fail 22 "the machine did not come back from its restart: $(ssh_error)" \
    "Look at its console; its boot menu still has the old system, ${PREVIOUS:-$(fact profile)}"
  if [[ $(fact current) == "$NIXHERD_SYSTEM" ]]; then
    phase_ok "the machine was restarted and runs the new system"
    check_health && return
  else
    HEALTH_FAILURE="the machine runs $(fact current)"
  fi
  return_to_previous
}

# restart_machine: leaves the facts of the new boot.
restart_machine() {
  remote_root reboot_now >/dev/null 2>"$SCRATCH/ssh-error" || true
  await_boot "$BOOT_BEFORE" "$NIXHERD_DEADLINE_SECONDS" || reset_into_another_boot
}

# return_to_previous: the new system booted, but is not well: the old one is made the next to boot, and booted.
return_to_previous() {
  local why="after the restart $HEALTH_FAILURE"
  phase_fail "$why"
  [[ -n $PREVIOUS ]] || fail 19 "$why; the machine keeps the new system" "Look at the machine's journal"
  phase_start roll-back "the old system is to be booted again"
  BOOT_BEFORE=$(fact boot)
  start_deadline "$NIXHERD_DEADLINE_SECONDS"
  if install_system "$PREVIOUS" && restart_machine && [[ $(fact current) == "$PREVIOUS" ]]; then
    phase_ok "the old system runs"
    fail 19 "$why; the machine was restarted once more and runs the old system again, $PREVIOUS" "Correct the configuration and deploy again"
  fi
  fail 18 "$why, and the old system could not be booted; the machine ran $(fact current) last" "Choose the old system in its boot menu"
}
