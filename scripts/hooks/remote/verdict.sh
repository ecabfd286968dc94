#!/usr/bin/env bash
# How an activation ends, for the run that waits and for the machine's own memory. Runs as root.

# give_verdict RUN RESULT [WHY]: RESULT is confirmed, installed, rolled-back or stuck.
give_verdict() {
  local folder result=$2
  folder=$(work_folder "$1")
  if [[ $result == confirmed && (-s $folder/units || $(cat "$folder/code" 2>/dev/null) == 4) ]]; then result=degraded; fi
  remember "$result" "$(<"$folder/system")" || echo "the record $(record_file) could not be written" >&2
  {
    echo "state=$result"
    echo "why=${3:-}"
    if [[ -e $folder/code ]]; then echo "code=$(<"$folder/code")"; fi
    if [[ -e $folder/back ]]; then echo "back=$(<"$folder/back")"; fi
    cat "$folder/units" "$folder/stopped" 2>/dev/null || true
  } >"$folder/verdict.new"
  mv "$folder/verdict.new" "$folder/verdict"
}

# remember RESULT SYSTEM: the record keeps the last confirmed system whatever came after it, and outlives a power cut.
remember() {
  local file confirmed
  file=$(record_file)
  confirmed=$(field "$file" confirmed)
  case $1 in confirmed | degraded | installed) confirmed=$2 ;; esac
  mkdir -p "$(dirname "$file")" &&
    printf 'result=%s\nsystem=%s\nconfirmed=%s\nat=%s\n' "$1" "$2" "$confirmed" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$file.new" &&
    sync "$file.new" && mv "$file.new" "$file" && sync "$(dirname "$file")"
}

# confirm RUN: asks for the new system to stay.
confirm() {
  start_unit "$1" nixherd-confirm confirm_now
}

# roll_back RUN SECONDS WHY: asks for the old system to come back.
roll_back() {
  local folder
  folder=$(work_folder "$1")
  [[ -d $folder ]] || return 0
  echo "$3" >"$folder/why"
  systemctl start --no-block nixherd-deadman.service || start_unit "$1" nixherd-deadman "roll_back_now asked $2" || true
}
