#!/usr/bin/env bash
# What runs on the machine: one script, put together from scripts/hooks/remote, sent with each command and kept nowhere.

# assemble_remote DIR: into the scratch folder, from the parts in DIR.
assemble_remote() {
  {
    echo 'set -euo pipefail'
    sed '/^ *#/d' "$1"/{machine,facts,check,build,begin,activation,way-back,verdict,watch,health,reboot,trial,main}.sh
    # What follows on standard input is the command's, so bash must read no further.
    echo 'main "$@"; exit'
  } >"$SCRATCH/remote"
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

# remote COMMAND ARGUMENT...: a command of the remote script, as the SSH user.
remote() {
  on_machine bash -s -- "$@" <"$SCRATCH/remote"
}

# remote_root COMMAND ARGUMENT...: the same as root.
remote_root() {
  as_root "$@" <"$SCRATCH/remote"
}

# fresh_root COMMAND ARGUMENT...: as root over a connection of its own, which proves that new ones come up.
fresh_root() {
  local shared=("${SSH_OPTIONS[@]}") code=0
  SSH_OPTIONS=(-o ControlPath=none -o ControlMaster=no "${SSH_OPTIONS[@]}")
  remote_root "$@" || code=$?
  SSH_OPTIONS=("${shared[@]}")
  return "$code"
}

# remote_reading FILE COMMAND ARGUMENT...: the command gets a file as standard input.
remote_reading() {
  cat "$SCRATCH/remote" "$1" >"$SCRATCH/input"
  shift
  on_machine bash -s -- "$@" <"$SCRATCH/input"
}

# as_root COMMAND ARGUMENT... <SCRIPT
as_root() {
  local sudo=()
  [[ $NIXHERD_SSH_USER == root ]] || sudo=(sudo -n)
  on_machine ${sudo[@]+"${sudo[@]}"} bash -s -- "$@"
}
