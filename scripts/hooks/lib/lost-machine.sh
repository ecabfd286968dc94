#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# A machine that nobody gets through to any more.

# reset_lost_machine: the last means. The boot loader still has the old system.
reset_lost_machine() {
  [[ $NIXHERD_RESET_WHEN_LOST == true ]] && has_proxmox || return 1
  say "the machine cannot be reached and its timer is over: pressing its reset button"
  if ! reset_machine; then
    say "the reset failed: $(agent_reason)"
    return 1
  fi
  await_boot "$BOOT_BEFORE" "$NIXHERD_DEADLINE_SECONDS" || return 1
  close_activation
}

# reset_into_another_boot: where the spec allows a reset. Leaves fresh facts; 1: none is allowed, or it did not help.
reset_into_another_boot() {
  [[ $NIXHERD_RESET_WHEN_LOST == true ]] && has_proxmox && reset_machine && await_boot "$BOOT_BEFORE" "$NIXHERD_DEADLINE_SECONDS"
}

# await_boot BOOT_ID SECONDS: until the machine answers and has another boot id than this. Leaves fresh facts; 1: it does not.
await_boot() {
  start_deadline "$2"
  close_connections
  while within_deadline; do
    if read_facts && [[ $(fact boot) != "$1" ]]; then
      FACTS_ARE_FRESH=true
      return 0
    fi
    # It may have been the machine that is going down.
    close_connections
    ask_agent_again
    still_waiting "the machine has not come up yet: $(ssh_error)"
    sleep 0.5
  done
  return 1
}

# What is true of a machine that nobody can reach.
LOST=

# lost_machine CODE WHAT HINT: nobody can say what runs there.
lost_machine() {
  rm -f "$SCRATCH/undecided"
  fail 22 "$2, and the machine cannot be reached: ${LAST_WORDS:-no answer}. ${LOST:-Its timer, or a reset, brings back the old system, $PREVIOUS}" \
    "Look at its console; reset it (qm reset $NIXHERD_VM_ID) if it hangs, or let the spec do so (nixos.resetWhenLost)"
}
