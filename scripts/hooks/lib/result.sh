#!/usr/bin/env bash
# How the last run ended, kept beside the phases for whoever asks later: the next run, `nixherd status`, a person.

RESULT_FILE=
# Facts in SCRATCH/facts are from before or from after the activation; only the latter say what runs.
FACTS_ARE_FRESH=false

# open_result_file: next to the phase log, of which it is the sum.
open_result_file() {
  RESULT_FILE=${PHASE_LOG%.jsonl}.json
}

# write_result CODE TEXT: one name a line, so that shells read it as well.
write_result() {
  [[ -n $RESULT_FILE && -d ${RESULT_FILE%/*} ]] || return 0
  local running='' generation='' boot=''
  if [[ $FACTS_ARE_FRESH == true ]]; then
    running=$(fact current) generation=$(fact generation) boot=$(fact boot)
  fi
  cat >"$RESULT_FILE.$$" <<END
{
  "at": "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
  "exitCode": $1,
  "text": "$(json_string "$2")",
  "action": "$NIXHERD_ACTION",
  "system": "$(json_string "${NIXHERD_SYSTEM:-}")",
  "running": "$running",
  "generation": ${generation:-null},
  "bootId": "$boot",
  "hostKey": "$(pinned_fingerprint 2>/dev/null || true)",
  "checks": "$(checks_sum)"
}
END
  mv -f "$RESULT_FILE.$$" "$RESULT_FILE"
}

# last_result NAME: what the run before this one wrote.
last_result() {
  sed -n "s/^  \"$1\": \"\{0,1\}\(.*[^\",]\)\"\{0,1\},\{0,1\}\$/\1/p" "$RESULT_FILE" 2>/dev/null || true
}

# checks_sum: tells one list of health checks from another.
checks_sum() {
  cksum <<<"$NIXHERD_HEALTH" | tr ' ' -
}
