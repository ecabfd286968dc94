#!/usr/bin/env bash
# What the transient units of an activation run. An activation is decided once: whoever makes the folder "decision".

# activate_now RUN: the new system runs, and nothing makes it permanent. A start that was on its way while the run was
# given up comes too late: the decision is older than the stop of this unit.
activate_now() {
  local folder code=0
  folder=$(work_folder "$1")
  [[ ! -d $folder/decision ]] || return 0
  touch "$folder/started"
  switch_to "$(<"$folder/system")" test || code=$?
  failed_units >"$folder/units"
  if is_running_anew "$folder"; then touch "$folder/changed"; fi
  echo "$code" >"$folder/code.new"
  mv "$folder/code.new" "$folder/code"
}

# is_running_anew FOLDER: did the activation get as far as to make its system the running one?
is_running_anew() {
  local system
  system=$(<"$1/system")
  [[ $system != "$(<"$1/previous")" && $(link_target /run/current-system) == "$system" ]]
}

# install_now RUN: the system becomes the one that the next boot starts. One on trial proved itself, and must not be
# restarted half-way.
install_now() {
  local folder action
  folder=$(work_folder "$1")
  action=$(<"$folder/action")
  mkdir "$folder/decision"
  if [[ $action == trial ]]; then stop_trial_timer; fi
  if ! make_permanent "$1" "$(<"$folder/system")"; then
    if [[ $action == trial ]]; then end_trial_by_itself; fi
    return
  fi
  give_verdict "$1" installed
}

# confirm_now RUN: the end of an activation that all is well with.
confirm_now() {
  local folder
  folder=$(work_folder "$1")
  mkdir "$folder/decision" 2>/dev/null || return 0
  systemctl stop nixherd-deadman.timer || true
  if [[ $(<"$folder/action") == switch ]]; then
    make_permanent "$1" "$(<"$folder/system")" || return 0
  fi
  give_verdict "$1" confirmed
}

# make_permanent RUN SYSTEM: profile and boot loader; where one of them fails, both are as they were and the old system runs.
make_permanent() {
  local before code=0 folder
  folder=$(work_folder "$1")
  before=$(generation)
  if ! nix-env --profile "$(system_profile)" --set "$2"; then
    bring_back "$1" "the system profile could not be set"
    return 1
  fi
  timeout 600 "${NIXHERD_ROOT:-}$2/bin/switch-to-configuration" boot || code=$?
  ((code != 0)) || return 0
  nix-env --profile "$(system_profile)" --switch-generation "$before"
  NIXOS_NO_CHECK=1 timeout 600 "${NIXHERD_ROOT:-}$(<"$folder/previous-profile")/bin/switch-to-configuration" boot || true
  bring_back "$1" "the boot loader could not be written (exit code $code)"
  return 1
}

# roll_back_now RUN WHY SECONDS: what the dead-man timer, or whoever has lost faith in the activation, starts.
roll_back_now() {
  local folder why=$2 seconds=$3
  folder=$(work_folder "$1")
  mkdir "$folder/decision" 2>/dev/null || return 0
  if [[ -s $folder/why ]]; then why=$(<"$folder/why"); fi
  systemctl stop nixherd-activation.service || true
  bring_back "$1" "$why" "$seconds"
  systemctl stop nixherd-deadman.timer || true
  # Whoever interrupted the run has nobody read the verdict.
  if [[ $why == interrupted ]]; then finish "$1"; fi
}
