#!/bin/bash
# shellcheck disable=SC2004,SC2034,SC2154 # parts of switch-to-configuration read each other's variables
# Which units an activation has to do with, by the rules of NixOS. What runs is compared as /etc has it, so the difference
# to a system that was half activated counts as well.

lists=/run/nixos

# read_lists: what an activation that was interrupted had still to do.
read_lists() {
  local unit
  while read -r unit; do to_start[$unit]=; done < <(cat $lists/start-list 2>/dev/null)
  while read -r unit; do to_restart[$unit]=; done < <(cat $lists/restart-list 2>/dev/null)
  while read -r unit; do to_reload[$unit]=; done < <(cat $lists/reload-list 2>/dev/null)
}

# find_changed_units NEW: NEW is the folder of the new system's units. Units that /etc has not are others' business.
find_changed_units() {
  local unit old=/etc/systemd/system
  while read -r unit; do
    [[ -e $old/$unit ]] || continue
    if [[ ! -e $1/$unit || $(readlink -f "$1/$unit") == /dev/null ]]; then
      is_set "$old/$unit" X-StopOnRemoval true && to_stop[$unit]=
    elif [[ $unit == *.target ]]; then
      take_target "$1/$unit"
    else
      case $(compare_units "$old/$unit" "$1/$unit") in
        restart) take_changed "$1" "$unit" ;;
        reload) [[ -v to_restart[$unit] ]] || take reload "$unit" ;;
      esac
    fi
  done < <(units_in active activating)
}

# units_in STATE...: one a line.
units_in() {
  local IFS=,
  systemctl list-units --state="$*" --plain --no-legend --full | cut -d ' ' -f 1
}

# take ACTION UNIT: from here on an interruption does not forget it.
take() {
  local -n units=to_$1
  units[$2]=
  [[ $action == dry-activate ]] || echo "$2" >>"$lists/$1-list"
}

# take_target FILE: targets that run are started, which starts what is new in them.
take_target() {
  local unit=${1##*/}
  if ! is_set "$1" RefuseManualStart false && ! is_set "$1" X-OnlyManualStart false; then
    take start "$unit"
    quiet[$unit]=
  fi
  if is_set "$1" X-StopOnReconfiguration false; then to_stop[$unit]=; fi
}

# take_changed NEW UNIT
take_changed() {
  local file=$1/$2
  case $2 in
    *.path | *.slice | *.socket) return ;;
    *.mount) take restart "$2" && return ;;
  esac
  if is_set "$file" X-ReloadIfChanged false; then
    take reload "$2"
  elif ! is_set "$file" X-RestartIfChanged true || is_set "$file" RefuseManualStop false || is_set "$file" X-OnlyManualStart false; then
    to_skip[$2]=
  elif [[ $2 != *.service ]] || ! is_set "$file" X-StopIfChanged true; then
    take restart "$2"
  else
    stop_and_start "$1" "$2"
  fi
}

# stop_and_start NEW UNIT: where a socket starts the service, the socket is started instead.
stop_and_start() {
  local socket=${2%.service}.socket started=$2
  if systemctl is-active --quiet "$socket"; then
    to_stop[$socket]=
    if [[ -e $1/$socket ]]; then started=$socket; fi
  fi
  to_stop[$2]=
  take start "$started"
}
