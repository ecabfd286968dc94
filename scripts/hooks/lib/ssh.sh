#!/usr/bin/env bash
# Connections to the machine: the system's ssh, with the user's keys and configuration, and a host key that is pinned.

SCRIPTS_DIR=
SCRATCH=
SSH_OPTIONS=()

# open_scratch DIR: DIR holds the hook's scripts; this run's own temporary files get a folder.
open_scratch() {
  SCRIPTS_DIR=$1
  SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/nixherd.XXXXXX")
}

close_scratch() {
  [[ -z $SCRATCH ]] || rm -rf "$SCRATCH"
}

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
    ssh -F /dev/null -S "$SCRATCH/ssh" -O exit "$(ssh_target)" 2>/dev/null || true
  fi
}

ssh_target() {
  echo "$NIXHERD_SSH_USER@$NIXHERD_ADDRESS"
}

# quoted WORD...: the words as one line for a POSIX shell.
quoted() {
  local word line=
  for word in "$@"; do line+=" '${word//\'/\'\\\'\'}'"; done
  echo "${line# }"
}

# on_machine COMMAND...: runs a command on the machine as the SSH user.
on_machine() {
  run_bounded ssh -T "${SSH_OPTIONS[@]}" "$(ssh_target)" "$(quoted "$@")"
}

# remote_script NAME ARGUMENT...: sends remote/NAME.sh and runs it there as the SSH user.
remote_script() {
  local name=$1
  shift
  on_machine bash -s -- "$@" <"$SCRIPTS_DIR/remote/$name.sh"
}

# remote_root_script NAME ARGUMENT...: the same as root.
remote_root_script() {
  local name=$1 sudo=()
  shift
  [[ $NIXHERD_SSH_USER == root ]] || sudo=(sudo -n)
  on_machine ${sudo[@]+"${sudo[@]}"} bash -s -- "$@" <"$SCRIPTS_DIR/remote/$name.sh"
}

# fresh_root_script NAME ARGUMENT...: as root over a connection of its own, which proves that new ones come up.
fresh_root_script() {
  local shared=("${SSH_OPTIONS[@]}") code=0
  SSH_OPTIONS=(-o ControlPath=none -o ControlMaster=no "${SSH_OPTIONS[@]}")
  remote_root_script "$@" || code=$?
  SSH_OPTIONS=("${shared[@]}")
  return "$code"
}
