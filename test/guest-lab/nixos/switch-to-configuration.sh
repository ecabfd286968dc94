#!/bin/bash
# NixOS's switch-to-configuration in miniature, over the real systemd: the same order, the same exit codes, units stopped
# before the activation script and started after it. Actions: test, switch, boot, dry-activate.
# 0 well, 1 refused or no boot loader, 2 the activation script failed, 4 units failed, 11 locked, 100 a reboot is needed
set -u

system=$(readlink -f "$(dirname "$(readlink -f "$0")")/..")
current=$(readlink -f /run/current-system)
units=etc/systemd/system

main() {
  local code=0
  mkdir -p /run/nixos
  exec 9>/run/nixos/switch-to-configuration.lock
  flock --nonblock 9 || { echo "Could not acquire lock" >&2 && exit 11; }
  pre_switch_checks "$1"
  case $1 in
    boot) write_boot_loader && exit ;;
    switch) write_boot_loader ;;
    test) ;;
    dry-activate) echo "would activate $system" && exit ;;
    *) echo "usage: $0 [switch|boot|test|dry-activate]" >&2 && exit 1 ;;
  esac
  cmp -s "$current/init-interface-version" "$system/init-interface-version" || {
    echo "This configuration has another init interface; please reboot" >&2 && exit 100
  }
  bash -eu "$system/lab/before" || exit
  changed_units
  if ((${#stop[@]})); then echo "stopping the following units: ${stop[*]}" >&2 && systemctl stop "${stop[@]}"; fi
  echo "activating the configuration..." >&2
  "$system/activate" test || code=2
  reload_systemd
  start_units || code=4
  bash -eu "$system/lab/after" || exit
  exit "$code"
}

# pre_switch_checks ACTION: what may not change while the machine runs.
pre_switch_checks() {
  [[ $1 != boot && $1 != dry-activate ]] || return 0
  cmp -s "$current/switch-inhibitors" "$system/switch-inhibitors" || {
    echo "Pre-switch check 'switchInhibitors' failed" >&2 && exit 1
  }
}

write_boot_loader() {
  bash -eu "$system/lab/bootLoader" || { echo "Failed to install bootloader" >&2 && exit 1; }
  echo "$system" >/boot/loader/default.new && sync /boot/loader/default.new && mv /boot/loader/default.new /boot/loader/default
}

# changed_units: leaves in stop, restart and start what the difference between the systems asks for.
changed_units() {
  local file unit
  stop=() restart=() start=()
  for file in "$current/$units"/*.service "$system/$units"/*.service; do
    unit=${file##*/}
    [[ ! -L $file && " ${stop[*]} ${restart[*]} ${start[*]} " != *" $unit "* ]] || continue
    if [[ ! -e $system/$units/$unit ]]; then
      stop+=("$unit")
    elif [[ ! -e $current/$units/$unit ]] || ! systemctl is-active --quiet "$unit"; then
      start+=("$unit")
    elif ! cmp -s "$current/$units/$unit" "$system/$units/$unit"; then
      if grep -q X-StopIfChanged=false "$system/$units/$unit"; then restart+=("$unit"); else stop+=("$unit") start+=("$unit"); fi
    fi
  done
}

reload_systemd() {
  if ! cmp -s "$current/lab/systemd" "$system/lab/systemd"; then
    echo "restarting systemd..." >&2
    systemctl daemon-reexec
  fi
  systemctl reset-failed
  systemctl daemon-reload
}

# start_units: 1 if one of them failed, or any other unit is failed afterwards.
start_units() {
  local failed
  if ((${#restart[@]})); then echo "restarting the following units: ${restart[*]}" >&2 && systemctl restart "${restart[@]}"; fi
  if ((${#start[@]})); then echo "starting the following units: ${start[*]}" >&2 && systemctl start "${start[@]}"; fi
  failed=$(systemctl list-units --state=failed --plain --no-legend | cut -d ' ' -f 1)
  [[ -z $failed ]] || { echo "warning: the following units failed: ${failed//$'\n'/, }" >&2 && return 1; }
}

main "$@"
