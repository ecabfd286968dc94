# shellcheck shell=bash
# Sourced. Prints one line per step: its name, what it does, how it ended and how long it took.

# now_ms: milliseconds since 1970; whole seconds where bash is older than 5, as on macOS.
now_ms() {
  local micros=${EPOCHREALTIME:-}
  if [[ -n $micros ]]; then
    echo $((${micros/[.,]/} / 1000))
  else
    echo "$(date +%s)000"
  fi
}

# seconds_since <ms>: how long ago that was, such as "12.3 s".
seconds_since() {
  local ms=$(($(now_ms) - $1))
  printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

# say <name> <sentence>: one line in the form of a step that takes no time.
say() {
  printf '%-11s %s\n' "$1" "$2"
}

# step <name> <what it does> <command...>: runs the command; its output is shown when it fails.
# Returns the command's exit code. A function runs in a subshell here, without errexit.
step() {
  run_step FAILED "$@"
}

# attempt <name> <what it does> <command...>: a step that has an alternative.
attempt() {
  run_step "not possible" "$@"
}

run_step() {
  local otherwise=$1 name=$2 what=$3 said started code=0
  shift 3
  started=$(now_ms)
  printf '%-11s %s ... ' "$name" "$what"
  said=$("$@" 2>&1 </dev/null) || code=$?
  if ((code == 0)); then
    printf 'done (%s)\n' "$(seconds_since "$started")"
  else
    printf '%s, exit code %d (%s)\n' "$otherwise" "$code" "$(seconds_since "$started")"
    indent <<<"$said"
  fi
  return "$code"
}

indent() {
  local line
  while IFS= read -r line; do
    printf '    %s\n' "$line"
  done
}

# fail <what happened> <what to do>: ends the script with exit code 1.
fail() {
  printf 'error: %s\n  -> %s\n' "$1" "$2" >&2
  exit 1
}
