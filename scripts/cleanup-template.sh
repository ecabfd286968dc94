#!/usr/bin/env bash
# Takes away from a system what makes it one single machine, and what a build left in it, so that it can become a
# template: run inside the machine as the last step before it is shut down. Can be repeated.
# Environment: TEMPLATE_ROOT, the root to clean ("" is the machine's own /; /mnt for one that was just installed).
# NIXHERD_ROOT is where / is in a machine of the embedded cluster.
# It refuses to touch a system without the template's marker, such as the computer of whoever typed its name.
# Exit codes: 0 clean, 1 refused, or something is left.
set -euo pipefail

# Everything that two machines must not share, or that belongs to the build alone.
LEFTOVERS=(
  'etc/ssh/ssh_host_*'
  'var/lib/dbus/machine-id'
  'var/lib/systemd/random-seed'
  'var/lib/systemd/credential.secret'
  'var/lib/systemd/network/*'
  'var/lib/systemd/timers/*'
  'var/lib/dhcpcd/*'
  'var/lib/NetworkManager/*'
  'var/lib/cloud/*'
  'run/cloud-init/*'
  'var/log/cloud-init*.log'
  'var/log/journal/*'
  'var/log/wtmp'
  'var/log/btmp'
  'var/log/lastlog'
  'var/tmp/*'
  'root/.bash_history'
  'root/.cache'
  'root/.nix-defexpr'
  'root/.nix-channels'
  'home/*/.bash_history'
  'etc/nixos/hardware-configuration.nix'
)

main() {
  local root=${NIXHERD_ROOT:-}${TEMPLATE_ROOT:-}
  if [[ ! -e $root/etc/nixos-template.json ]]; then
    echo "cleanup: ${root:-/} has no /etc/nixos-template.json, so it is no template in the making; nothing was done" >&2
    exit 1
  fi
  # One that was just installed has no garbage.
  [[ -n ${TEMPLATE_ROOT:-} ]] || collect_garbage "${NIXHERD_ROOT:-}/nix/var/nix/profiles/system"
  remove_leftovers "$root"
  # Empty, not gone: systemd then makes a new one at the next boot and still treats the system as installed.
  : >"$root/etc/machine-id"
  check_clean "$root"
  sync
  # Gives the freed blocks back to the storage, which makes the template small; not every storage takes them.
  fstrim -v "${root:-/}" || echo "cleanup: the storage takes no freed blocks back" >&2
}

collect_garbage() {
  local profile=$1
  nix-env --profile "$profile" --delete-generations old
  nix-collect-garbage --quiet
  # The entries of generations that are gone would still be offered at boot.
  "$profile/bin/switch-to-configuration" boot
  nix-store --optimise
}

remove_leftovers() {
  local root=$1 pattern path
  shopt -s nullglob dotglob
  for pattern in "${LEFTOVERS[@]}"; do
    # Unquoted on purpose: the pattern is what is meant.
    # shellcheck disable=SC2206
    local found=("$root"/$pattern)
    for path in "${found[@]}"; do rm -rf -- "$path"; done
  done
}

check_clean() {
  local root=$1 keys=("$1"/etc/ssh/ssh_host_*)
  if ((${#keys[@]} > 0)) || [[ -s $root/etc/machine-id ]]; then
    echo "cleanup: host keys or the machine id are still there" >&2
    exit 1
  fi
}

main "$@"
