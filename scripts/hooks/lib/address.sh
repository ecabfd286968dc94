#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# Where the machine answers.

# Only an address that the agent told is asked for again when the machine does not answer any more.
ADDRESS_FROM_AGENT=false

# find_address: leaves NIXHERD_ADDRESS set; it stays empty only where the hook has no need of it.
find_address() {
  if [[ -z $NIXHERD_ADDRESS && $NIXHERD_AGENT == true ]] && has_proxmox; then
    ADDRESS_FROM_AGENT=true
    await_agent_address
  fi
  [[ -n $NIXHERD_ADDRESS || $NIXHERD_NIXOS == false ]] || fail 10 "the machine's address is not known" \
    "Give its first network a static address, or enable the guest agent so that its address can be read"
}

# await_agent_address: leaves in NIXHERD_ADDRESS the first address that is reachable from outside, as the agent tells it.
await_agent_address() {
  local answer code
  while within_deadline; do
    code=0
    answer=$(agent_get network-get-interfaces) || code=$?
    if ((code == 2)); then break; fi
    if ((code == 0)); then
      NIXHERD_ADDRESS=$(json first-address <<<"$answer")
      if [[ -n $NIXHERD_ADDRESS ]]; then return; fi
    fi
    still_waiting "$(agent_reason)"
    sleep 0.5
  done
  fail 10 "the guest agent told no address; its last answer: $(agent_reason)" \
    "Check that the machine's network comes up and that the agent runs inside it"
}
