#!/usr/bin/env bash
# Brings a system that was built here into the machine's store.

# copy_system: phase copy.
copy_system() {
  if [[ $(fact current) == "$NIXHERD_SYSTEM" ]]; then
    phase_skip copy "the machine has this system"
  elif was_built_on_host; then
    phase_start copy "copying $NIXHERD_SYSTEM from $NIXHERD_BUILD_ON"
    check_room
    copy_from_build_host || copy_failed $?
    phase_ok "copied"
  elif ! was_built_here; then
    phase_skip copy "built on the machine: nothing to copy"
  elif ! command -v nix >/dev/null; then
    phase_start copy "looking for $NIXHERD_SYSTEM on the machine"
    remote has_path "$NIXHERD_SYSTEM" ||
      fail 13 "the machine does not have $NIXHERD_SYSTEM, and there is no nix here to copy it with" "Install nix here, or build on the machine"
    phase_ok "the machine has this system"
  else
    phase_start copy "copying $NIXHERD_SYSTEM"
    check_room
    # What was built here bears no signature; the machine takes it from users that it trusts.
    NIX_SSHOPTS="${SSH_OPTIONS[*]}" run_bounded "${NIX[@]}" copy --no-check-sigs --substitute-on-destination \
      --to "ssh-ng://$(ssh_target)" "$NIXHERD_SYSTEM" || copy_failed $?
    phase_ok "copied"
  fi
}

# copy_failed EXIT_CODE
copy_failed() {
  if (($1 == 124)); then fail 13 "the copy did not end within the deadline, and nothing was changed" "Raise nixos.deadlineSeconds"; fi
  fail 13 "the system could not be copied to the machine (exit code $1); it runs and boots what it did before" \
    "Read nix's words above; a user other than root must be in nix.settings.trusted-users of the machine, and its /nix needs room"
}
