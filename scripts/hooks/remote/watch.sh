#!/usr/bin/env bash
# How an activation is getting on, told to a connection that need not live long. Runs as root.

# watch RUN CURSOR SETTLED: waits a few seconds for news, then prints log=<line> for each new line of the journal, cursor=,
# and state=running, activated (with code=), lost, gone, or the verdict's confirmed, degraded, installed, rolled-back, stuck.
# SETTLED is the last state that the asker knows: "activated" waits for the verdict.
watch() {
  local folder tries state
  folder=$(work_folder "$1")
  for ((tries = 0; tries < 50; tries++)); do
    state=$(state_of "$folder")
    [[ $state == running || $state == "$3" ]] || break
    sleep 0.1
  done
  echo "boot=$(boot_id)"
  if [[ $state == gone ]]; then
    echo "state=gone"
    return
  fi
  # A courtesy: what the machine does counts, whether it can be read or not.
  journal_since "${2:-$(<"$folder/cursor")}" || true
  case $state in
    verdict) cat "$folder/verdict" ;;
    activated)
      echo "state=activated" && echo "code=$(<"$folder/code")" && cat "$folder/units"
      if [[ -e $folder/changed ]]; then echo "changed=true"; fi
      ;;
    *) echo "state=$state" ;;
  esac
}

# state_of FOLDER: what the files say is looked at again after the units were found to have ended, for they write as they end.
state_of() {
  local state unit
  state=$(written_state "$1")
  if [[ $state == running ]]; then
    for unit in nixherd-activation nixherd-confirm nixherd-deadman; do
      if is_running "$unit.service"; then
        echo running
        return
      fi
    done
    state=$(written_state "$1")
    if [[ $state == running ]]; then state=lost; fi
  fi
  echo "$state"
}

written_state() {
  if [[ ! -d $1 ]]; then
    echo gone
  elif [[ -e $1/verdict ]]; then
    echo verdict
  elif [[ -e $1/code && ! -d $1/decision ]]; then
    echo activated
  else
    echo running
  fi
}

# journal_since CURSOR: what the activation's units have said since. A systemd that looks for the file of a transient unit
# which has ended finds none, and complains of nothing.
journal_since() {
  local since=()
  [[ -z $1 ]] || since=(--after-cursor "$1")
  timeout 5 journalctl --sync || true
  journalctl --unit nixherd-activation.service --unit nixherd-confirm.service --unit nixherd-deadman.service \
    "${since[@]}" --lines 200 --output cat --no-pager --quiet --show-cursor |
    sed -e 's/^-- cursor: /cursor=/;t' -e '/Failed to open \/run\/systemd\/transient\//d' -e 's/^/log=/'
}
