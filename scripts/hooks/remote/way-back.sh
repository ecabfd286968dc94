#!/usr/bin/env bash
# The old system runs again after an activation that is not to stay. Runs as root.

# bring_back RUN WHY [SECONDS]: the system that ran before runs again. Activations that changed nothing (no start, lock
# busy, reboot needed) are left alone.
bring_back() {
  local folder previous
  folder=$(work_folder "$1")
  previous=$(<"$folder/previous")
  if has_changed "$folder"; then return_to "$previous" "${3:-600}" "$folder"; fi
  failed_units >"$folder/units"
  # A courtesy, as is everything that only the last line tells.
  stopped_units "$folder" >"$folder/stopped" || true
  if [[ $(link_target /run/current-system) == "$previous" ]]; then give_verdict "$1" rolled-back "$2"; else give_verdict "$1" stuck "$2"; fi
}

# has_changed FOLDER: 11 and 100 say that nothing was changed, but they may as well be the number of any error of the
# system's that switch-to-configuration met later on.
has_changed() {
  local code=''
  if [[ -e $1/code ]]; then code=$(<"$1/code"); fi
  [[ -e $1/started ]] && { [[ -e $1/changed ]] || ((code != 11 && code != 100)); }
}

# return_to SYSTEM SECONDS FOLDER: no check of the system may forbid it. All of it together ends in time.
return_to() {
  local code try
  WAY_BACK_ENDS=$(($(uptime_seconds) + $2))
  for ((try = 1; try <= 10; try++)); do
    code=0
    bounded env NIXOS_NO_CHECK=1 "${NIXHERD_ROOT:-}$1/bin/switch-to-configuration" test || code=$?
    if ((code != 11)) || ! is_locked "${NIXHERD_ROOT:-}/run/nixos/switch-to-configuration.lock"; then break; fi
    sleep 1
  done
  case $code in
    0) ;;
    2 | 4) echo "$code" >"$3/back" ;;
    *) echo "$code" >"$3/back" && start_the_rest ;;
  esac
  try_again "$3/active"
}

# bounded COMMAND...: for as long as the way back may last, but at least a moment.
bounded() {
  local left=$((WAY_BACK_ENDS - $(uptime_seconds)))
  timeout "$((left > 1 ? left : 1))" "$@"
}

# start_the_rest: what a switch-to-configuration that ended half-way has noted down, and what a boot starts. The
# notes go: the next one would fail at units that its system may not have.
start_the_rest() {
  local units lists=${NIXHERD_ROOT:-}/run/nixos
  mapfile -t units < <(cat "$lists/start-list" "$lists/restart-list" 2>/dev/null | sort -u)
  bounded systemctl daemon-reload || true
  bounded systemctl start default.target "${units[@]}" || true
  rm -f "$lists"/{start,restart,reload}-list
}

# try_again ACTIVE: units that ran before the activation and have failed on the way back. systemd counts each time
# that it finds one still stopping as a start of its own, and so may refuse it as started too often.
try_again() {
  local units
  mapfile -t units < <(comm -12 <(sort "$1") <(units_in failed | sort))
  if ((${#units[@]} == 0)); then return; fi
  bounded systemctl reset-failed "${units[@]}" || true
  bounded systemctl start "${units[@]}" || true
}

# stopped_units FOLDER: units of the old system that ran before the activation and do not now, nor have failed. Those that
# a socket or the bus starts come when they are asked for.
stopped_units() {
  local unit units
  units=${NIXHERD_ROOT:-}$(<"$1/previous")/etc/systemd/system
  comm -23 <(sort "$1/active") <({ units_in active && units_in activating && sed 's/^unit=//' "$1/units"; } | sort) |
    while read -r unit; do
      if [[ -e $units/$unit && ! -e $units/${unit%.*}.socket ]] && ! grep -q '^BusName=' "$units/$unit"; then echo "stopped=$unit"; fi
    done
}
