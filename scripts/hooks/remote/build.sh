#!/usr/bin/env bash
# Builds and store paths, on the machine or on a build host.

# build ATTRIBUTE FLAKE: builds nixosConfigurations.<attribute> and prints the store path. Without a flake URL the flake
# comes as a tar archive by standard input.
build() {
  local attribute=$1 flake=$2
  if [[ -z $flake ]]; then
    unpack_flake
    flake=path:$FLAKE_FOLDER
  fi
  nix --extra-experimental-features "nix-command flakes" build --no-link --print-out-paths \
    "$flake#nixosConfigurations.\"$attribute\".config.system.build.toplevel" </dev/null
}

# unpack_flake: leaves in FLAKE_FOLDER a folder that goes with this process.
unpack_flake() {
  FLAKE_FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/nixherd-flake.XXXXXX")
  trap 'rm -rf "$FLAKE_FOLDER"' EXIT
  tar -xf - -C "$FLAKE_FOLDER"
}

# rebuild ATTRIBUTE FLAKE ACTION: the same with nixos-rebuild, which activates as well. Runs as root.
rebuild() {
  local flake=$2
  if [[ -z $flake ]]; then
    unpack_flake
    flake=path:$FLAKE_FOLDER
  fi
  nixos-rebuild "$3" --flake "$flake#$1" </dev/null
}

# has_path STORE_PATH
has_path() {
  [[ -e ${NIXHERD_ROOT:-}$1 ]]
}

# closure STORE_PATH: every path that it needs, one a line.
closure() {
  nix-store --query --requisites "$1"
}

# missing_paths: of the paths on standard input, those that this store has not and cannot fetch by itself. Runs as root.
missing_paths() {
  local paths
  mapfile -t paths
  nix-store --realise --ignore-unknown "${paths[@]}" </dev/null >/dev/null 2>&1 || true
  nix-store --check-validity --print-invalid "${paths[@]}" </dev/null
}

# export_paths: the paths on standard input as one stream.
export_paths() {
  local paths
  mapfile -t paths
  nix-store --export "${paths[@]}" </dev/null
}

# import_paths: the stream on standard input. Runs as root.
import_paths() {
  nix-store --import >/dev/null
}
