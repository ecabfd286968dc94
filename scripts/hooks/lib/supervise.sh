#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# The run in a process of its own, and beside it one that does nothing but wait. Signals are handled there alone: a bash
# that runs a trap while it reads a command substitution takes the trap's end for the substitution's, and ends with 2.

STEPS=
SCRATCH=

# supervise COMMAND...: runs a command to its end or to the first signal; its exit code, or 130.
supervise() {
  local code=0
  trap interrupted INT TERM
  set -m
  "$@" </dev/null &
  STEPS=$!
  set +m
  wait "$STEPS" || code=$?
  trap '' INT TERM
  close_connections
  rm -rf "$SCRATCH"
  return "$code"
}

# open_scratch: this run's own temporary files get a folder.
open_scratch() {
  SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/nixherd.XXXXXX")
}

# interrupted: what a signal ends the run with.
interrupted() {
  trap '' INT TERM
  set +e
  stop_steps
  [[ ! -s $SCRATCH/phase ]] || read -r PHASE_NAME PHASE_STARTED_MS <"$SCRATCH/phase"
  local what=interrupted hint="Run the deploy again: it starts this step from its beginning"
  if [[ -s $SCRATCH/undecided ]]; then
    # What the steps knew of the machine.
    # shellcheck source=/dev/null
    source "$SCRATCH/undecided"
    what+=" while the new system was not confirmed; $(outlook)"
  fi
  close_connections
  rm -rf "$SCRATCH"
  fail 130 "$what" "$hint"
}

# stop_steps: ends the steps, then the command that they ran. Under its new name the folder takes no more commands.
stop_steps() {
  local gone=$SCRATCH.gone groups
  if [[ -n $STEPS ]]; then { kill -KILL -- "-$STEPS" && wait "$STEPS"; } 2>/dev/null; fi
  mv "$SCRATCH" "$gone" && SCRATCH=$gone
  if groups=$(cat "$gone"/group.* 2>/dev/null); then
    # shellcheck disable=SC2086 # one word a group
    kill -KILL -- $groups 2>/dev/null
  fi
}

# outlook: asks for the way back where there is one to ask for, and prints what becomes of the machine.
outlook() {
  SSH_OPTIONS=("${SSH_OPTIONS[@]//${SCRATCH%.gone}\//$SCRATCH/}")
  start_deadline 10
  case $UNDECIDED in
    installation) echo "the machine goes on by itself to make it the system of its next boot" ;;
    trial)
      if fresh_root reboot_now >/dev/null 2>&1; then
        echo "the machine was asked to restart into the old system"
      elif [[ $TRIAL_HAS_TIMER == true ]]; then
        echo "the machine cannot be reached now. Its timer, or a reset, brings back the old system"
      else
        echo "the machine cannot be reached now. A reset brings back the old system"
      fi
      ;;
    activation)
      if fresh_root roll_back "$RUN_ID" "$NIXHERD_ROLLBACK_SECONDS" interrupted >/dev/null 2>&1; then
        echo "the machine was asked to run the old system again"
      else
        echo "the machine goes back to the old system by itself within ${NIXHERD_CONFIRM_SECONDS}s"
      fi
      ;;
  esac
}
