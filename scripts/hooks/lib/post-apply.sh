#!/usr/bin/env bash
# The spec's own scripts, run here after the machine is as it should be.

# run_post_apply_scripts: phase post-apply.
run_post_apply_scripts() {
  local script count=0
  if [[ $NIXHERD_POST_APPLY == '[]' ]]; then
    phase_skip post-apply "no post-apply scripts"
    return
  fi
  phase_start post-apply "running the post-apply scripts"
  json lines <<<"$NIXHERD_POST_APPLY" >"$SCRATCH/scripts" || fail 2 "NIXHERD_POST_APPLY is not a list of paths" "Correct hooks.postApply of the spec"
  while IFS= read -r script <&3; do
    run_post_apply_script "$script"
    count=$((count + 1))
  done 3<"$SCRATCH/scripts"
  phase_ok "$count post-apply scripts ran"
}

# run_post_apply_script PATH: relative to the repository's root.
run_post_apply_script() {
  local code=0
  [[ -e $1 ]] || fail 20 "the post-apply script $1 does not exist" "Correct hooks.postApply of the spec"
  [[ -f $1 && -x $1 ]] || fail 20 "the post-apply script $1 is not executable" "Run chmod +x $1 and commit it"
  say "running $1"
  case $1 in
    /*) run_bounded "$1" </dev/null || code=$? ;;
    *) run_bounded "./$1" </dev/null || code=$? ;;
  esac
  ((code != 124)) || fail 20 "the post-apply script $1 did not end within the deadline" "Make it quicker, or raise nixos.deadlineSeconds"
  ((code == 0)) || fail 20 "the post-apply script $1 ended with exit code $code" "Read its words above, correct it and deploy again"
}
