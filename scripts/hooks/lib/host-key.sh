#!/usr/bin/env bash
# Which host key the machine must show. The guest agent tells it, past the network that could lie; where no agent
# answers, the first connection records it in a file to be committed, and every later one must show the same.

AGENT_KEY=

# pin_host_key: phase host-key.
pin_host_key() {
  mkdir -p .nixherd/known_hosts
  if [[ $NIXHERD_AGENT == true ]]; then
    phase_start host-key "reading the host key through the guest agent"
    pin_agent_key
  else
    phase_start host-key "looking for the recorded host key"
    pin_recorded_key
  fi
}

known_hosts() { echo ".nixherd/known_hosts/$NIXHERD_VM_ID"; }
recorded_key() { echo "vm-specs/_host-keys/$NIXHERD_VM_ID.pub"; }

# pin KEY: KEY ("type base64") becomes the only key that connections accept.
pin() {
  local file
  file=$(known_hosts)
  printf 'nixherd-vm-%s %s\n' "$NIXHERD_VM_ID" "$1" >"$file.$$"
  mv -f "$file.$$" "$file"
  use_host_keys "$file" yes
}

pin_agent_key() {
  if ! has_proxmox; then
    [[ -s $(known_hosts) ]] || fail 11 "the guest agent cannot be asked for the host key: no endpoint, token or node" \
      "Export PROXMOX_VE_ENDPOINT and PROXMOX_VE_API_TOKEN"
    use_host_keys "$(known_hosts)" yes
    phase_ok "no API token: using the host key that was pinned before, $(pinned_fingerprint)"
    return
  fi
  await_agent_key
  pin "$AGENT_KEY"
  phase_ok "host key pinned: $(pinned_fingerprint)"
}

# await_agent_key: leaves the machine's key in AGENT_KEY as soon as the agent tells it.
await_agent_key() {
  local code
  while within_deadline; do
    code=0
    AGENT_KEY=$(ask_agent_key) || code=$?
    if ((code == 0)); then return; fi
    if ((code == 2)); then
      fail 11 "the guest agent could not be asked for the host key: $(agent_reason)" \
        "Check the endpoint, its certificate and that the token has the privilege VM.GuestAgent.FileRead"
    fi
    still_waiting "$(agent_reason)"
    sleep 0.5
  done
  fail 11 "the guest agent did not tell the host key in time; its last answer: $(agent_reason)" \
    "Check that the agent runs inside the machine (services.qemuGuest.enable), or set agent.enabled to false"
}

ask_agent_key() {
  local answer escaped_slash='\/'
  answer=$(agent_get 'file-read?file=/etc/ssh/ssh_host_ed25519_key.pub') || return $?
  [[ ${answer//"$escaped_slash"//} =~ ssh-ed25519\ [A-Za-z0-9+/]{60,}=* ]] || return 1
  echo "${BASH_REMATCH[0]}"
}

pin_recorded_key() {
  if [[ -s $(recorded_key) ]]; then
    pin "$(cut -d ' ' -f 1,2 <"$(recorded_key)")"
    phase_ok "host key recorded in $(recorded_key): $(pinned_fingerprint)"
  else
    rm -f "$(known_hosts)"
    use_host_keys "$(known_hosts)" accept-new
    phase_ok "no agent and no recorded key: the first connection records it"
  fi
}

# record_first_key: after the first connection without an agent.
record_first_key() {
  [[ $NIXHERD_AGENT == false && ! -s $(recorded_key) ]] || return 0
  mkdir -p "$(dirname "$(recorded_key)")"
  printf '%s %s\n' "$(cut -d ' ' -f 2,3 <"$(known_hosts)")" "nixherd-vm-$NIXHERD_VM_ID" >"$(recorded_key)"
  use_host_keys "$(known_hosts)" yes
  say "host key recorded on first use in $(recorded_key), $(pinned_fingerprint): commit this file"
}

pinned_fingerprint() {
  ssh-keygen -lf "$(known_hosts)" | cut -d ' ' -f 2
}
