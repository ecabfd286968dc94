# shellcheck shell=bash
# Sourced by scripts/demo. What is shown: commands, how long they took, the phases inside the machines.

headline() {
  printf '\n== %s\n' "$1"
}

# run <command...>: shows the command and its output, then how long it took.
run() {
  run_expecting 0 "$@"
}

# run_expecting <exit code> <command...>
run_expecting() {
  local expected=$1 started code=0
  shift
  printf '\n$ %s\n' "$*"
  started=$(now_ms)
  "$@" </dev/null || code=$?
  printf '(%s)\n' "$(seconds_since "$started")"
  ((code == expected)) || fail "\"$*\" ended with exit code $code." "Its last lines say why."
}

# edit_spec <words> <new words> [<words> <new words>...]: replaces them in one machine's spec; shows the difference.
edit_spec() {
  local spec=vm-specs/demo/web-1.json text
  text=$(<"$spec")
  while (($#)); do
    [[ $text == *"$1"* ]] || fail "$spec has no $1 to edit." \
      "The demo edits it; run it on the demo specs as they are in the repository."
    text=${text//"$1"/"$2"}
    shift 2
  done
  printf '%s\n' "$text" >edited-spec.json
  diff -u -L "$spec (before)" -L "$spec" "$spec" edited-spec.json || true
  mv edited-spec.json "$spec"
}

# deploy: deploys the demo's stack, then shows how long the steps inside the machines took.
deploy() {
  local started
  started=$(now_ms)
  run npx cdktf deploy demo --auto-approve
  printf '\nInside the machines (scripts/hooks/post-apply.sh):\n'
  node scripts/demo.d/hook-phases.ts demo "$started"
}

next_steps() {
  cat <<'END'

What to try next:

  scripts/demo --keep     the same, and the cluster stays for you to play with
  npx nixherd --help      the commands
  vm-specs/demo/          the specs; an editor completes their keys and explains them
  README.md               how to point it at a real Proxmox VE
END
}
