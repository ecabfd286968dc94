#!/usr/bin/env bash
# When the spec lets the hook restart a machine.

# may_reboot: does the spec allow a restart at this minute?
may_reboot() {
  local days hours now today
  case $NIXHERD_REBOOT in
    never) return 1 ;;
    always) return 0 ;;
  esac
  hours=${NIXHERD_REBOOT##* }
  days=${NIXHERD_REBOOT% *}
  now=$(date -u +%H:%M)
  today=$(LC_ALL=C date -u +%a | tr '[:upper:]' '[:lower:]')
  [[ $days == "$hours" || ",$days," == *",$today,"* ]] || return 1
  is_between "$now" "${hours%-*}" "${hours#*-}"
}

# is_between NOW FROM TO: hours and minutes; a window may reach over midnight.
is_between() {
  if [[ $2 < $3 ]]; then
    [[ ! $1 < $2 && $1 < $3 ]]
  else
    [[ ! $1 < $2 || $1 < $3 ]]
  fi
}
