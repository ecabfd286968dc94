#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# What stands against the activation, before anything is changed.

# Less room than this on /nix, and neither the profile nor the boot loader would be sure to fit.
LEAST_STORE_MIB=64
# Why the system can only be activated by a reboot; empty: it need not be.
NEEDS_REBOOT=

# What of the running machine a boot of the new system would replace: kernel, initrd, kernel-modules.
NEW_PARTS=

# check_room: refuses before a build or a copy fills the machine's disk.
check_room() {
  local free
  free=$(fact store-free-mib)
  ((free >= LEAST_STORE_MIB)) || fail 21 "the machine has only $free MiB left on /nix, so nothing was changed" \
    "Make room: nix-collect-garbage on the machine, or a larger disk in the spec"
}

# check_machine: phase check.
check_machine() {
  local busy refused inhibitors code=0
  phase_start check "looking for what stands against the activation"
  check_room
  remote_root check "$NIXHERD_SYSTEM" >"$SCRATCH/check" 2>"$SCRATCH/ssh-error" || code=$?
  case $code in
    0) ;;
    124 | 255) fail 10 "the connection was lost, and nothing was changed: $(ssh_error)" "Deploy again" ;;
    *) fail 21 "the machine could not be examined, and nothing was changed: $(ssh_error)" \
      "A user other than root needs sudo without a password (security.sudo.wheelNeedsPassword = false)" ;;
  esac
  refused=$(sed -n 's/^refused=//p' "$SCRATCH/check" | head -n 1)
  [[ -z $refused ]] || fail 21 "$refused; nothing was changed" "Check the flake's attribute and its configuration"
  busy=$(sed -n 's/^busy=//p' "$SCRATCH/check" | head -n 1)
  [[ -z $busy ]] || fail_locked "$busy"
  report_foreign_profile
  inhibitors=$(sed -n 's/^inhibitor=//p' "$SCRATCH/check" | tr '\n' ' ')
  if [[ -n $inhibitors && $NIXHERD_ACTION != boot ]]; then
    NEEDS_REBOOT="what may not change under a running system does change: ${inhibitors% }"
  fi
  NEW_PARTS=$(sed -n 's/^reboot=//p' "$SCRATCH/check" | tr '\n' ' ')
  if grep -q '^trial=possible$' "$SCRATCH/check"; then TRIAL_POSSIBLE=true; fi
  phase_ok "${NEEDS_REBOOT:-nothing stands against the activation}"
}

# fail_locked WHO
fail_locked() {
  case $1 in
    nixherd-*) fail 17 "another activation is running on the machine or waits to be confirmed ($1); nothing was changed" \
      "Deploy again when it is over: soon after the seconds of its nixos.confirmSeconds" ;;
    *) fail 17 "another activation is running on the machine ($1); nothing was changed" "Deploy again when it is over" ;;
  esac
}

# report_foreign_profile: said, not refused: whoever made that generation may have had a reason.
report_foreign_profile() {
  local confirmed profile
  confirmed=$(fact confirmed)
  profile=$(fact profile)
  if [[ -n $confirmed && $profile != "$confirmed" ]]; then
    say "note: generation $(fact generation) ($profile) was made by somebody else; the last one made from here is $confirmed"
  elif [[ -z $confirmed ]] && (($(fact generation) > 1)); then
    say "note: generation $(fact generation) ($profile) was made by somebody else; none was made from here yet"
  fi
}
