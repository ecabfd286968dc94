#!/usr/bin/env bash
# Connections to the machine: the system's ssh, with the user's keys and configuration, and a host key that is pinned.

SSH_OPTIONS=()

# use_host_keys FILE POLICY: every connection from now on checks the machine's key against FILE. POLICY is yes, or
# accept-new for a machine without an agent that was never seen before.
use_host_keys() {
  SSH_OPTIONS=(
    -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3
    -o "HostKeyAlias=nixherd-vm-$NIXHERD_VM_ID" -o "UserKnownHostsFile=$1" -o GlobalKnownHostsFile=/dev/null
    -o "StrictHostKeyChecking=$2" -o CheckHostIP=no -o UpdateHostKeys=no
    -o ControlMaster=auto -o "ControlPath=$SCRATCH/ssh" -o ControlPersist=60
  )
  if [[ -n $NIXHERD_SSH_CONFIG ]]; then
    # A link without blanks in its name: NIX_SSHOPTS is split at blanks.
    ln -sf "$NIXHERD_SSH_CONFIG" "$SCRATCH/ssh_config"
    SSH_OPTIONS=(-F "$SCRATCH/ssh_config" "${SSH_OPTIONS[@]}")
  fi
}

# close_connections: ends the connection that the run shared.
close_connections() {
  if [[ -n $SCRATCH && -S $SCRATCH/ssh ]]; then
    ssh -F /dev/null -S "$SCRATCH/ssh" -O exit nobody 2>/dev/null || true
  fi
}

ssh_target() {
  echo "$NIXHERD_SSH_USER@$NIXHERD_ADDRESS"
}
