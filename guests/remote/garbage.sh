#!/usr/bin/env bash
# Generations that nobody needs, and what only they need. Runs as root.

# collect_garbage NUMBER...: deletes these generations, has the boot menu forget them, and frees the store.
collect_garbage() {
  if is_undecided; then
    echo "an activation is undecided: no system may be collected now" >&2
    return 17
  fi
  if (($# > 0)); then
    nix-env --profile "$(system_profile)" --delete-generations "$@"
    # The profile's system, not the running one: it is what the next boot is to start.
    switch_to "$(profile_system)" boot >/dev/null
  fi
  nix-store --gc
}
