#!/usr/bin/env bash
# Runs on the machine: what it is, as key=value lines. NIXHERD_ROOT is empty on a real machine.
set -euo pipefail

root=${NIXHERD_ROOT:-}

main() {
  if [[ ! -e $root/run/current-system/nixos-version ]]; then
    echo "there is no NixOS on it (no /run/current-system)" >&2
    return 1
  fi
  echo "system=$(<"$root/run/current-system/system")"
  echo "current=$(link_target /run/current-system)"
  echo "profile=$(link_target "/nix/var/nix/profiles/$(link_target /nix/var/nix/profiles/system)")"
  echo "failed=$(sed -n 's/^failed=//p' "$root/var/lib/nixherd/activation" 2>/dev/null || true)"
}

# link_target PATH: where a link of the machine leads; nothing if there is none.
link_target() {
  local target
  target=$(readlink "$root$1") || return 0
  echo "${target#"$root"}"
}

main "$@" </dev/null
