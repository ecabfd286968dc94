#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# A new system that is not to stay: the old one runs again, and the run ends with what the machine itself says of it.

# way_back CODE WHAT HINT: ends the run. Without WHAT the activation's time was over, and only the machine knows why.
way_back() {
  phase_fail "${2:-the time of the activation is over}"
  phase_start roll-back "the old system is to run again"
  if ! take_back "${2:-deadline}"; then
    reset_lost_machine || lost_machine "$1" "${2:-no new connection came up}" "$3"
  fi
  if [[ -n $2 ]]; then settle "$@"; else settle_late_activation; fi
}

# settle_late_activation: an activation that has an exit code had ended, so it was we who did not get through.
settle_late_activation() {
  if [[ $(answer state) == rolled-back && -z $(answer code) ]]; then
    settle 14 "the activation did not end in time" \
      "Look at what the machine said above; if it only needs longer, raise nixos.confirmSeconds"
  fi
  settle 14 "no new connection came up after the activation had begun: ${LAST_WORDS:-no answer}" \
    "Check what the configuration does to the network, the firewall and sshd"
}

# settle CODE WHAT HINT: ends the run with what the machine says of itself.
settle() {
  if [[ $(fact current) == "$PREVIOUS" ]]; then
    phase_ok "the old system runs"
    fail "$1" "$2; the machine runs the old system again, $PREVIOUS$(state_of_old_system)" "$3"
  elif [[ $(fact current) == "$NIXHERD_SYSTEM" && $(fact profile) == "$NIXHERD_SYSTEM" ]]; then
    phase_fail "the machine had confirmed the new system"
    fail 18 "$2, but the machine runs the new system and keeps it" "Deploy again: the next run checks it from the beginning"
  fi
  phase_fail "the machine runs $(fact current)"
  fail 18 "$2, and the old system could not be brought back: the machine runs $(fact current), and boots $(fact profile) next" \
    "Look at the machine's journal; a restart brings back what it boots"
}

# take_back WHY: asks for the old system until the machine has decided, be it by its timer. Leaves fresh facts; 1: nobody answers.
take_back() {
  local known=none state
  read_clock
  DEADLINE_AT=$(((TIMER_AT > NOW ? TIMER_AT : NOW) + NIXHERD_ROLLBACK_SECONDS))
  close_connections
  while within_deadline; do
    if [[ $known == none ]] && fresh_root roll_back "$RUN_ID" "$NIXHERD_ROLLBACK_SECONDS" "$1" >/dev/null 2>"$SCRATCH/ssh-error"; then
      known=activated
    fi
    if ask_news "$known"; then
      state=$(answer state)
      case $state in
        rolled-back | stuck | confirmed | degraded | gone)
          if read_facts; then
            FACTS_ARE_FRESH=true
            close_activation
            return 0
          fi
          ;;
      esac
    fi
    still_waiting "the machine has not decided yet, or cannot be asked: $LAST_WORDS"
    sleep 0.3
  done
  return 1
}

# state_of_old_system: what of it is not as it was.
state_of_old_system() {
  local units stopped back
  units=$(answer unit | tr '\n' ' ')
  stopped=$(answer stopped | tr '\n' ' ')
  back=$(answer back)
  if [[ -n $back && $back != 4 ]]; then echo -n ", whose switch-to-configuration ended with $back"; fi
  if [[ -n $units ]]; then echo -n ", in which these units are failed: ${units% }"; fi
  if [[ -n $stopped ]]; then echo -n ", in which these units ran before and do not now: ${stopped% }"; fi
}
