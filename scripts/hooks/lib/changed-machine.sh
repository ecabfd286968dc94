#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# A machine that does not answer as before, because it is not where or what it was.

# ask_agent_again: what may have changed; a question that the agent does not answer changes nothing.
ask_agent_again() {
  look_for_new_address
  look_for_new_key
}

# look_for_new_address: a machine that takes its address from DHCP may have another one by now.
look_for_new_address() {
  local found
  if [[ $ADDRESS_FROM_AGENT == true ]] && found=$(agent_get network-get-interfaces); then
    found=$(json first-address <<<"$found")
    NIXHERD_ADDRESS=${found:-$NIXHERD_ADDRESS}
  fi
}

# look_for_new_key: a new system may bring a host key of its own. Only the agent's word counts: without one a changed key
# stays refused.
look_for_new_key() {
  local found
  [[ $NIXHERD_AGENT == true ]] && has_proxmox && grep -q 'Host key verification failed' "$SCRATCH/ssh-error" || return 0
  if found=$(ask_agent_key) && ! grep -qF "$found" "$(known_hosts)"; then
    pin "$found"
    say "note: the machine has another host key now, as its agent says: $(pinned_fingerprint)"
  fi
}
