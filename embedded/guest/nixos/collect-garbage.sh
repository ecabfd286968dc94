#!/usr/bin/env bash
# What `nix-store --gc` does inside an embedded machine: systems that no root leads to go.
set -euo pipefail

main() {
  local path count=0 roots
  if [[ $NIXHERD_EMBEDDED_USER != root ]]; then
    echo "error: opening lock file '/nix/var/nix/gc.lock': Permission denied" >&2
    return 1
  fi
  roots=$(roots_of_machine)
  for path in "$NIXHERD_ROOT"/nix/store/*; do
    if grep -qxF "$path" <<<"$roots"; then continue; fi
    echo "deleting '${path#"$NIXHERD_ROOT"}'"
    rm -rf "$path"
    count=$((count + 1))
  done
  echo "$count store paths deleted, 0.00 MiB freed"
}

# roots_of_machine: what profiles, roots of running activations, and the running and the booted system lead to.
roots_of_machine() {
  local link
  for link in "$NIXHERD_ROOT"/nix/var/nix/profiles/*-link "$NIXHERD_ROOT"/nix/var/nix/gcroots/auto/* \
    "$NIXHERD_ROOT"/run/current-system "$NIXHERD_ROOT"/run/booted-system; do
    readlink -f "$link" || true
  done
}

main "$@"
