#!/usr/bin/env bash
# Runs on the machine: builds nixosConfigurations.<attribute> of a flake and prints the store path.
# Arguments: attribute, flake URL; without a URL the flake comes as a tar archive by standard input, and nothing of it stays.
set -euo pipefail

main() {
  local attribute=$1 flake=$2
  if [[ -z $flake ]]; then
    folder=$(mktemp -d "${TMPDIR:-/tmp}/nixherd-flake.XXXXXX")
    trap 'rm -rf "$folder"' EXIT
    tar -xf - -C "$folder"
    flake=path:$folder
  fi
  nix --extra-experimental-features "nix-command flakes" build --no-link --print-out-paths \
    "$flake#nixosConfigurations.\"$attribute\".config.system.build.toplevel" </dev/null
}

main "$@"
