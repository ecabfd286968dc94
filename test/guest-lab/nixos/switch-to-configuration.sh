#!/bin/bash
# NixOS's switch-to-configuration in miniature, over the real systemd: the same order, words, exit codes and files.
# 0 well, 1 refused or no boot loader, 2 the activation script failed, 4 units failed, 11 locked, or no logind after the
# activation script, 100 a reboot is needed
# shellcheck disable=SC2034 # its parts in switch/ read its variables
set -u

system=$(readlink -f "$(dirname "$(readlink -f "$0")")/..")
action=${1:-}
# Sets of units, by what is done with them; those in "quiet" are not told of.
declare -A to_stop=() to_skip=() to_reload=() to_restart=() to_start=() quiet=()
for part in "$system"/lab/switch/*.sh; do
  # shellcheck source=/dev/null
  source "$part"
done

main() {
  local before
  case $action in check | switch | boot | test | dry-activate) ;; *) usage ;; esac
  ((EUID == 0)) || die 1 "switch-to-configuration must be run as the root user"
  take_lock
  [[ ${NIXOS_NO_CHECK:-} == 1 ]] || "$system/lab/pre-switch-checks" "$system" "$action" || die 1 "Pre-switch checks failed"
  [[ $action != check ]] || exit 0
  case $action in switch | boot) "$system/lab/install-boot-loader" "$system" || die 1 "Failed to install bootloader" ;; esac
  sync --file-system /nix/store
  [[ $action != boot ]] || exit 0
  cmp -s /run/current-system/init-interface-version "$system/init-interface-version" ||
    die 100 "Warning: the new NixOS configuration has another init; it won't take effect until you reboot the system."
  before=$(units_in active activating reloading deactivating failed)
  read_lists
  find_changed_units "$system/etc/systemd/system"
  [[ $action != dry-activate ]] || tell_what_would_be
  activate
  run_units
  settle "$before"
}

usage() {
  die 1 "Usage: switch-to-configuration [check|switch|boot|test|dry-activate]"
}

# die CODE TEXT
die() {
  echo "$2" >&2
  exit "$1"
}

take_lock() {
  mkdir -p /run/nixos
  exec 9>>/run/nixos/switch-to-configuration.lock
  flock --nonblock 9 || die 11 "Could not acquire lock"
}

# is_other_systemd: does systemd have to execute itself anew?
is_other_systemd() {
  [[ $(readlink -f /etc/systemd/system.conf) != $(readlink -f "$system/etc/systemd/system.conf") ]]
}

# activate: leaves exit_code.
activate() {
  local anew=false
  exit_code=0
  if is_other_systemd; then anew=true; fi
  ((${#to_stop[@]} == 0)) || { tell "stopping the following units" "${!to_stop[@]}" && systemctl stop "${!to_stop[@]}"; }
  tell "NOT restarting the following changed units" "${!to_skip[@]}"
  echo "activating the configuration..." >&2
  "$system/activate" "$system" 9>&- || { echo "Failed to run activate script" >&2 && exit_code=2; }
  if $anew; then echo "restarting systemd..." >&2 && systemctl daemon-reexec; fi
  systemctl reset-failed
  systemctl daemon-reload
  loginctl list-users >/dev/null || die 11 "Unable to list users with logind"
}

main "$@"
