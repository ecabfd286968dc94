#!/usr/bin/env bash
# The generations of the system profile. Needs no rights.

# generations: one line each: number, seconds since 1970 of its making, store path, NixOS version, kernel, revision;
# separated by tabs. Before them the store paths that matter, as name=value lines.
generations() {
  local root=${NIXHERD_ROOT:-} link system number
  echo "current=$(generation)"
  echo "running=$(link_target /run/current-system)"
  echo "booted=$(link_target /run/booted-system)"
  echo "confirmed=$(field "$(record_file)" confirmed)"
  for link in "$root"/nix/var/nix/profiles/system-*-link; do
    number=${link##*/system-}
    number=${number%-link}
    system=$(readlink "$link") || continue
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$number" "$(made_at "$link")" "${system#"$root"}" \
      "$(cat "$system/nixos-version" 2>/dev/null || true)" "$(kernel_version "$system")" "$(configuration_revision "$system")"
  done
}

# made_at LINK: of the link itself, as nix-env tells it.
made_at() {
  stat -c %Y "$1" 2>/dev/null || stat -f %m "$1"
}

# kernel_version SYSTEM: the folder that its modules lie in is named after it.
kernel_version() {
  local folder
  for folder in "$1"/kernel-modules/lib/modules/*; do
    [[ ! -d $folder ]] || basename "$folder"
  done
}
