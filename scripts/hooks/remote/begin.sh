#!/usr/bin/env bash
# Starts an activation that nothing of this connection has to outlive. Runs as root.

# begin RUN SYSTEM ACTION SECONDS ROLLBACK_SECONDS: arms the dead-man timer, whose name is the lock, and only then starts the activation.
# Exit code 17: another activation has the lock. The ACTIONs boot and trial change nothing that runs, so they need no timer.
begin() {
  local run=$1 action=$3 seconds=$4 rollback_seconds=$5
  open_work_folder "$run" "$2" "$action"
  keep_from_collector "$run"
  if [[ $action == boot || $action == trial ]]; then
    start_unit "$run" nixherd-activation install_now || give_up "$run" nixherd-activation.service
    return
  fi
  start_unit "$run" nixherd-deadman "roll_back_now deadline $rollback_seconds" --on-active="${seconds}s" --timer-property=AccuracySec=100ms ||
    give_up "$run" nixherd-deadman.timer nixherd-deadman.service
  forget_other_runs "$run"
  if ! start_unit "$run" nixherd-activation activate_now --property=TimeoutStopSec=10s; then
    systemctl stop nixherd-deadman.timer
    give_up "$run" nixherd-activation.service
  fi
}

# open_work_folder RUN SYSTEM ACTION: what the units need to know, this script included.
open_work_folder() {
  local folder
  folder=$(work_folder "$1")
  umask 077
  mkdir -p "$folder"
  { declare -f && printf 'set -euo pipefail\nmain "$@"\n'; } >"$folder/script"
  echo "$2" >"$folder/system"
  echo "$3" >"$folder/action"
  link_target /run/current-system >"$folder/previous"
  profile_system >"$folder/previous-profile"
  units_in active >"$folder/active"
  journalctl --lines 0 --show-cursor --no-pager --quiet | sed -n 's/^-- cursor: //p' >"$folder/cursor"
}

# start_unit RUN UNIT COMMAND OPTION...: a transient unit that runs a command of this script, its output in the journal.
start_unit() {
  local run=$1 unit=$2 command bash
  read -r -a command <<<"$3"
  shift 3
  # Whatever becomes of the running system's links: the shell that this runs in stays.
  bash=$(readlink -f "$BASH")
  systemd-run --quiet --collect --no-ask-password --unit="$unit" --setenv="PATH=$PATH" --setenv=HOME=/root "$@" -- \
    "$bash" "$(work_folder "$run")/script" "${command[0]}" "$run" "${command[@]:1}"
}

# give_up RUN UNIT...: a unit could not be started: one of that name runs, or systemd refused.
give_up() {
  local unit code=1
  forget_run "$1"
  for unit in "${@:2}"; do
    if is_running "$unit"; then code=17; fi
  done
  exit "$code"
}

# keep_from_collector RUN: until the decision, no garbage collection may take the old or the new system.
keep_from_collector() {
  local name folder roots=${NIXHERD_ROOT:-}/nix/var/nix/gcroots/auto
  folder=$(work_folder "$1")
  mkdir -p "$roots"
  for name in system previous; do
    ln -sfn "${NIXHERD_ROOT:-}$(<"$folder/$name")" "$folder/$name-root"
    ln -sfn "$folder/$name-root" "$roots/nixherd-$1-$name"
  done
}

# forget_other_runs RUN: whoever holds the lock is alone; what an interrupted run left can go.
forget_other_runs() {
  local folder
  for folder in "$(work_folder '')"*; do
    [[ ! -d $folder || ${folder##*/} == "$1" ]] || forget_run "${folder##*/}"
  done
}

# finish RUN: what a run that is decided keeps on the machine can go. One that is not needs it for its way back.
finish() {
  local folder
  folder=$(work_folder "$1")
  [[ ! -d $folder || -e $folder/verdict ]] || return 1
  forget_run "$1"
}

# forget_run RUN: leaves nothing of the run behind.
forget_run() {
  rm -f "${NIXHERD_ROOT:-}/nix/var/nix/gcroots/auto/nixherd-$1-"*
  rm -rf "$(work_folder "$1")"
  rmdir "$(dirname "$(work_folder "$1")")" 2>/dev/null || true
}
