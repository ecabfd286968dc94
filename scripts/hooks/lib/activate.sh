#!/usr/bin/env bash
# Activates a system that is in the machine's store. The activation runs in a unit of its own on the machine and writes
# its result into a file, so that no connection needs to live as long as it does.

ACTIVATED=false

# activate_system: phase activate.
activate_system() {
  if is_active; then
    phase_skip activate "unchanged: the machine runs this system"
    return
  fi
  phase_start activate "activating ($NIXHERD_ACTION)"
  start_activation
  await_activation
  ACTIVATED=true
  # What is asked from here on is asked over a connection that the new system has accepted.
  close_connections
  judge_activation "$(sed -n 's/^code=//p' "$SCRATCH/activation")"
}

# is_active: is there nothing to do? A system whose activation failed is activated again.
is_active() {
  local failed
  failed=$(fact failed)
  [[ $failed != "$NIXHERD_SYSTEM" ]] || return 1
  case $NIXHERD_ACTION in
    switch) [[ $(fact current) == "$NIXHERD_SYSTEM" && $(fact profile) == "$NIXHERD_SYSTEM" ]] ;;
    boot) [[ $(fact profile) == "$NIXHERD_SYSTEM" ]] ;;
    test) [[ $(fact current) == "$NIXHERD_SYSTEM" ]] ;;
  esac
}

start_activation() {
  local code=0
  remote_root_script activate "$NIXHERD_VM_ID" "$NIXHERD_SYSTEM" "$NIXHERD_ACTION" >"$SCRATCH/activation" || code=$?
  case $code in
    # 255: the connection broke. The unit may have been started all the same, and asking for its result tells.
    0 | 255) ;;
    17) fail 17 "another activation is running on the machine" "Wait until it ends, then deploy again" ;;
    *) fail 14 "the activation could not be started (exit code $code)" \
      "Read the words above; a user other than root needs sudo without a password (security.sudo.wheelNeedsPassword = false)" ;;
  esac
}

# await_activation: asks over new connections until the result is there. A connection that fails is only one try less.
await_activation() {
  until fresh_root_script activation-result "$NIXHERD_VM_ID" >"$SCRATCH/activation" 2>"$SCRATCH/ssh-error" &&
    grep -q '^code=' "$SCRATCH/activation"; do
    grep -q '^state=lost' "$SCRATCH/activation" && fail 14 "the activation ended without a result: the machine was restarted, or the unit was killed" \
      "Look at the machine's journal, then deploy again"
    still_waiting "the activation is running"
    within_deadline || fail 14 "the activation did not end within the deadline; it may still be running" \
      "Look at the journal of unit nixherd-activate-$NIXHERD_VM_ID on the machine; $(tail -n 1 "$SCRATCH/ssh-error")"
    sleep 0.5
  done
}

# judge_activation CODE: the exit codes of switch-to-configuration.
judge_activation() {
  sed -n 's/^log=/  /p' "$SCRATCH/activation"
  case $1 in
    0) phase_ok "activated" ;;
    4) fail 15 "the new system is active, but these units failed: $(failed_units)" \
      "Look at their journal on the machine, correct the configuration and deploy again" ;;
    11) fail 17 "another activation holds the machine's lock" "Wait until it ends, then deploy again" ;;
    100) fail 16 "the new system becomes active with the next boot only" "Reboot the machine, then deploy again" ;;
    *) fail 14 "the activation failed (switch-to-configuration ended with $1)" \
      "Read the machine's words above, correct the configuration and deploy again" ;;
  esac
}

failed_units() {
  sed -n 's/^unit=//p' "$SCRATCH/activation" | tr '\n' ' ' | sed 's/ $//'
}

# verify_system: phase verify. What the machine says afterwards is what counts.
verify_system() {
  local key=current
  [[ $NIXHERD_ACTION != boot ]] || key=profile
  phase_start verify "reading back what the machine runs"
  if [[ $ACTIVATED == true ]]; then
    read_facts || fail 18 "the machine cannot be asked what it runs: $(tail -n 1 "$SCRATCH/ssh-error")" "Check the machine, then deploy again"
  fi
  [[ $(fact "$key") == "$NIXHERD_SYSTEM" ]] || fail 18 "the machine's $key system is $(fact "$key"), not $NIXHERD_SYSTEM" \
    "Find out who else activates systems on this machine, then deploy again"
  phase_ok "$key system is $NIXHERD_SYSTEM"
}
