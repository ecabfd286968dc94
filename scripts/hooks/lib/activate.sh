#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# Activates a system that is in the machine's store, in units of the machine's own. Until it is confirmed the profile and
# the boot loader keep the old system, and a timer on the machine brings that back.

RUN_ID=
PREVIOUS=
BOOT_BEFORE=
CURSOR=
# When the machine's timer fires, on the clock of read_clock.
TIMER_AT=0
# What an interruption would leave undecided: activation, installation (of the system of the next boot) or trial.
UNDECIDED=
# Units that failed in a new system that is kept all the same.
DEGRADED_UNITS=

# activate_system: phases check, activate, health, confirm.
activate_system() {
  if is_active; then
    phase_skip activate "unchanged: the machine runs this system"
    check_health || fail 19 "$HEALTH_FAILURE; the machine runs $(fact current) as before" "Look at the machine's journal"
    return
  fi
  check_machine
  if [[ $NIXHERD_ACTION == boot || -n $NEEDS_REBOOT ]]; then
    needs_boot "${NEEDS_REBOOT:-the action is boot}"
    return
  fi
  # A restart comes anyway: the kernel is tried before it becomes the boot loader's.
  if [[ $NIXHERD_ACTION == switch && -n $NEW_PARTS ]] && may_try && boot_on_trial "$NEW_PARTS"; then return; fi
  phase_start activate "activating $NIXHERD_SYSTEM"
  begin_activation
  await_activation
  if [[ -n $NEEDS_REBOOT ]]; then
    needs_boot "$NEEDS_REBOOT"
    return
  fi
  prove_health
  confirm_activation
}

# is_active: is there nothing to do? A system that came up with failed units is activated again.
is_active() {
  [[ $(fact undecided) != true && $(fact recorded) != "degraded $NIXHERD_SYSTEM" ]] || return 1
  case $NIXHERD_ACTION in
    switch) [[ $(fact current) == "$NIXHERD_SYSTEM" && $(fact profile) == "$NIXHERD_SYSTEM" ]] ;;
    boot) [[ $(fact profile) == "$NIXHERD_SYSTEM" ]] ;;
    test) [[ $(fact current) == "$NIXHERD_SYSTEM" ]] ;;
  esac
}

# begin_activation: the timer runs as long as the spec says, but never longer than this run would.
begin_activation() {
  local seconds
  seconds=$(seconds_left)
  if ((seconds > NIXHERD_CONFIRM_SECONDS)); then seconds=$NIXHERD_CONFIRM_SECONDS; fi
  ((seconds > 0)) || fail 14 "no time is left for the activation, so nothing was changed" "Raise nixos.deadlineSeconds"
  PREVIOUS=$(fact current)
  open_activation "$NIXHERD_SYSTEM" "$NIXHERD_ACTION" "$seconds" "$NIXHERD_ROLLBACK_SECONDS"
  start_deadline "$seconds"
  TIMER_AT=$DEADLINE_AT
}

# open_activation SYSTEM ACTION SECONDS ROLLBACK_SECONDS: starts the machine's part of it.
open_activation() {
  local code=0
  RUN_ID=$NIXHERD_VM_ID-$$-$(now_ms)
  BOOT_BEFORE=$(fact boot)
  CURSOR=
  : >"$SCRATCH/answer"
  : >"$SCRATCH/said"
  FACTS_ARE_FRESH=false
  case $2 in boot | trial) leave_undecided installation ;; *) leave_undecided activation ;; esac
  remote_root begin "$RUN_ID" "$@" 2>"$SCRATCH/ssh-error" || code=$?
  case $code in
    # 255: the connection broke; 124: it was too slow. The activation may have begun all the same, and asking for news tells.
    0 | 124 | 255) ;;
    17) rm -f "$SCRATCH/undecided" && fail_locked nixherd-activation ;;
    *) rm -f "$SCRATCH/undecided" && fail 14 "the activation could not be started, so nothing was changed: $(ssh_error)" "Read the machine's words, mend it and deploy again" ;;
  esac
}

# leave_undecided WHAT: whoever interrupts this run needs to know how to reach the machine, and what for.
leave_undecided() {
  UNDECIDED=$1
  declare -p SSH_OPTIONS NIXHERD_ADDRESS RUN_ID UNDECIDED TRIAL_HAS_TIMER >"$SCRATCH/undecided"
}

# close_activation: decided, and read; the machine need not keep anything of it.
close_activation() {
  rm -f "$SCRATCH/undecided"
  remote_root finish "$RUN_ID" >/dev/null 2>&1 || say "note: the machine keeps /run/nixherd/$RUN_ID until it restarts"
}
