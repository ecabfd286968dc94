#!/usr/bin/env bash
# Waits until the machine lets us in, and tells apart what passes by itself from what does not.

# Keys reach a fresh machine a few seconds after its SSH server; a refusal that lasts longer is meant.
DENIED_SECONDS=60
# OpenSSH 9.8 and later lock an address out, at first for 15 seconds, that was refused more often than this.
DENIED_PAUSE_SECONDS=5

# wait_for_ssh: phase ssh. Leaves the machine's facts for fact.
wait_for_ssh() {
  local code said error='' denied_since=''
  phase_start ssh "waiting for SSH at $(ssh_target)"
  while true; do
    code=0
    read_facts || code=$?
    ((code != 0)) || break
    # A try that the deadline cut off says nothing: what the one before it said is what counts.
    said=$(ssh_error)
    error=${said:-$error}
    ((code == 255 || code == 124)) || fail 10 "the machine answers, but not as a NixOS machine does: $error" \
      "Use a template with NixOS in it, or set nixos to false in the spec"
    refuse_hopeless "$error"
    if [[ $error == *'Permission denied'* ]]; then
      read_clock
      : "${denied_since:=$NOW}"
      if ((NOW >= denied_since + DENIED_SECONDS)) || ! within_deadline; then refuse_login "$error"; fi
    else
      denied_since=
    fi
    within_deadline || give_up_waiting "$error"
    still_waiting "$error"
    pause_before_next_try "$denied_since"
  done
  record_first_key
  phase_ok "connected to $(ssh_target)"
}

# pause_before_next_try DENIED_SINCE: never longer than the deadline.
pause_before_next_try() {
  local left
  left=$(seconds_left)
  if [[ -z $1 ]]; then sleep 0.5; else sleep "$((left < DENIED_PAUSE_SECONDS ? left : DENIED_PAUSE_SECONDS))"; fi
}

# read_facts: asks the machine what it is; key=value lines.
read_facts() {
  local command=facts
  [[ $NIXHERD_NIXOS == true ]] || command=reachable
  remote "$command" >"$SCRATCH/facts" 2>"$SCRATCH/ssh-error"
}

# ssh_error: the last thing that ssh, or the script that it ran, complained of.
ssh_error() {
  tail -n 1 "$SCRATCH/ssh-error" | tr -d '\r'
}

# fact NAME: prints what the machine said.
fact() {
  sed -n "s|^$1=||p" "$SCRATCH/facts"
}

refuse_login() {
  fail 10 "the machine refuses the login of $NIXHERD_SSH_USER: $1" \
    "Check access.user and access.sshKeys of the spec, and that your ssh offers a private key that fits"
}

# refuse_hopeless ERROR: ends the run where another try cannot help.
refuse_hopeless() {
  if grep -qE 'Bad configuration option|Bad owner or permissions|terminating, [0-9]+ bad|open user config file' "$SCRATCH/ssh-error"; then
    fail 10 "ssh refuses its configuration: $1" "Correct NIXHERD_SSH_CONFIG or your ssh configuration"
  fi
  if grep -q 'Host key verification failed' "$SCRATCH/ssh-error"; then
    refuse_host_key
  fi
}

# refuse_host_key: the machine shows another key than the pinned one. Fresh machines may make new keys while they boot:
# if the agent tells a new key now, it is pinned and the wait goes on.
refuse_host_key() {
  local pinned shown advice
  advice="If you made the machine anew, delete $(recorded_key) and deploy again; else find out who answers there"
  pinned=$(pinned_fingerprint)
  if [[ $NIXHERD_AGENT == true ]]; then
    advice="Another machine answers there: check the address, and that no other machine uses it"
    if has_proxmox; then
      await_agent_key
      pin "$AGENT_KEY"
    fi
    [[ $(pinned_fingerprint) == "$pinned" ]] || return 0
  fi
  shown=$(grep -oE 'SHA256:[A-Za-z0-9+/]+' "$SCRATCH/ssh-error" | head -n 1) || shown="of another type"
  fail 11 "the machine at $NIXHERD_ADDRESS shows the host key $shown, but the one of this machine is $pinned" "$advice"
}

give_up_waiting() {
  fail 10 "no SSH at $(ssh_target) within ${NIXHERD_DEADLINE_SECONDS}s; the last try said: ${1:-nothing}" \
    "Check that the machine booted, its address and gateway, and that its firewall lets SSH in"
}
