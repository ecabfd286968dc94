#!/usr/bin/env bash
# Makes the system of /etc/nixos the one that boots next. Without TEMPLATE_ROOT the machine itself is rebuilt, without
# activating anything while Packer's connection hangs on it; with TEMPLATE_ROOT it is installed there.
# Environment: FIRMWARE (seabios, ovmf), NIXPKGS_REVISION, TEMPLATE_ROOT ("" or a mounted root). NIXHERD_ROOT is where / is
# in a machine of the embedded cluster.
set -euo pipefail

main() {
  local flake="path:${NIXHERD_ROOT:-}$TEMPLATE_ROOT/etc/nixos#template-$FIRMWARE"
  local pin=(--override-input nixpkgs "github:NixOS/nixpkgs/$NIXPKGS_REVISION" --no-write-lock-file)
  export NIX_CONFIG='experimental-features = nix-command flakes'
  if [[ -z $TEMPLATE_ROOT ]]; then
    nixos-rebuild boot --flake "$flake" "${pin[@]}"
  else
    nixos-install --root "${NIXHERD_ROOT:-}$TEMPLATE_ROOT" --no-root-passwd --no-channel-copy --flake "$flake" "${pin[@]}"
  fi
}

main "$@"
