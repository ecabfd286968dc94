#!/usr/bin/env bash
# What a system consists of. Needs no rights.

# closure_sizes SYSTEM: size in bytes and store path of every path that it needs, one a line.
closure_sizes() {
  local listed sizes paths
  listed=$(nix-store --query --requisites "$1")
  mapfile -t paths <<<"$listed"
  sizes=$(nix-store --query --size "${paths[@]}")
  paste <(echo "$sizes") <(echo "$listed")
}

# closures SYSTEM: the same for the running system, after a line "running=<path>", and for SYSTEM, after "next=<path>".
closures() {
  local running
  running=$(link_target /run/current-system)
  echo "running=$running"
  closure_sizes "$running"
  echo "next=$1"
  closure_sizes "$1"
}

# dry_activate SYSTEM: what its activation would do, in the words of switch-to-configuration. Runs as root.
dry_activate() {
  switch_to "$1" dry-activate 2>&1
}
