#!/usr/bin/env bash
# A build host: reached with the user's own ssh configuration, which knows its key, port and bastion.

# was_built_on_host: is the system in the store of a build host?
was_built_on_host() {
  [[ $NIXHERD_BUILD_ON == ssh://* && $BUILT_HERE == false ]]
}

# on_build_host COMMAND ARGUMENT... <INPUT: a command of the remote script, whose text the input begins with.
on_build_host() {
  local options=(-T -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3)
  if [[ -n $NIXHERD_SSH_CONFIG ]]; then options+=(-F "$NIXHERD_SSH_CONFIG"); fi
  run_bounded ssh "${options[@]}" "${NIXHERD_BUILD_ON#ssh://}" "$(quoted bash -s -- "$@")"
}

# build_host_reading FILE COMMAND ARGUMENT...: the command gets a file as standard input.
build_host_reading() {
  cat "$SCRATCH/remote" "$1" >"$SCRATCH/host-input"
  shift
  on_build_host "$@" <"$SCRATCH/host-input"
}

# copy_from_build_host: neither host has to trust the other, nor has this one to have Nix: the paths that the machine
# has not and cannot substitute flow through here.
copy_from_build_host() {
  : >"$SCRATCH/none"
  build_host_reading "$SCRATCH/none" closure "$NIXHERD_SYSTEM" >"$SCRATCH/closure" || return $?
  cat "$SCRATCH/remote" "$SCRATCH/closure" >"$SCRATCH/input"
  as_root missing_paths <"$SCRATCH/input" >"$SCRATCH/missing" || return $?
  [[ -s $SCRATCH/missing ]] || return 0
  say "$(wc -l <"$SCRATCH/missing" | tr -d ' ') store paths to copy"
  build_host_reading "$SCRATCH/missing" export_paths >"$SCRATCH/paths" || return $?
  cat "$SCRATCH/remote" "$SCRATCH/paths" >"$SCRATCH/input"
  as_root import_paths <"$SCRATCH/input"
}
