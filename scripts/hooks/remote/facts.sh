#!/usr/bin/env bash
# What the machine is and what it runs, as name=value lines. Needs no rights.

# facts
facts() {
  local root=${NIXHERD_ROOT:-}
  if [[ ! -e $root/run/current-system/nixos-version ]]; then
    echo "there is no NixOS on it (no /run/current-system)" >&2
    return 1
  fi
  # First, so that whoever sees another boot sees what that boot runs.
  echo "boot=$(boot_id)"
  echo "system=$(<"$root/run/current-system/system")"
  echo "current=$(link_target /run/current-system)"
  echo "profile=$(profile_system)"
  echo "generation=$(generation)"
  echo "store-free-mib=$(($(df -Pk "$root/nix" | awk 'NR == 2 { print $4 }') / 1024))"
  echo "recorded=$(field "$(record_file)" result) $(field "$(record_file)" system)"
  echo "confirmed=$(field "$(record_file)" confirmed)"
  if is_undecided; then echo "undecided=true"; fi
  changed_since_boot /run/current-system
}

# changed_since_boot SYSTEM: what of the running machine a boot of it would replace.
changed_since_boot() {
  local part
  for part in kernel initrd kernel-modules; do
    [[ $(link_target "/run/booted-system/$part") == "$(link_target "$1/$part")" ]] || echo "reboot=$part"
  done
}

# reachable: a login works, nothing more is asked.
reachable() {
  echo "reachable=true"
}

# failed_units: units that have failed, one a line; also those that systemd is to try again, as switch-to-configuration counts.
failed_units() {
  local unit
  {
    units_in failed
    units_in auto-restart | while read -r unit; do
      [[ $(systemctl show --property=ExecMainStatus --value "$unit") == 0 ]] || echo "$unit"
    done
  } | awk '$1 !~ /^nixherd-/ { print "unit=" $1 }'
}

# units_in STATE: their names, one a line.
units_in() {
  systemctl list-units --state="$1" --plain --no-legend --full | awk '{ print $1 }'
}
