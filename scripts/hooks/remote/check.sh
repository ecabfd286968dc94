#!/usr/bin/env bash
# What stands against an activation, looked up before anything is changed. Runs as root.

# check SYSTEM: prints refused=<reason>, busy=<who>, inhibitor=<name>; nothing where all is well. And what a boot of the system
# would replace, reboot=<part>, and trial=possible.
check() {
  local root=${NIXHERD_ROOT:-} system=$1 current unit
  current=$(link_target /run/current-system)
  check_toplevel "$system" "the new system"
  check_toplevel "$current" "the running system, which would have to come back,"
  for unit in $(undecided_units) nixherd-activation.service nixherd-confirm.service \
    nixos-rebuild-switch-to-configuration.service nixos-upgrade.service; do
    if is_running "$unit"; then echo "busy=$unit"; fi
  done
  if is_locked "$root/run/nixos/switch-to-configuration.lock"; then echo "busy=switch-to-configuration"; fi
  inhibitors "$root$current/switch-inhibitors" "$root$system/switch-inhibitors"
  changed_since_boot "$system"
  if can_try "$system"; then echo "trial=possible"; fi
}

check_toplevel() {
  local folder=${NIXHERD_ROOT:-}$1
  if [[ ! -e $folder/nixos-version ]]; then
    echo "refused=$2 $1 is not a NixOS system"
  elif [[ ! -x $folder/bin/switch-to-configuration ]]; then
    echo "refused=$2 $1 cannot be switched to (system.switch.enable is false)"
  fi
}

# is_locked FILE: does a process hold the file's lock?
is_locked() {
  [[ -e $1 ]] && command -v flock >/dev/null && ! flock --nonblock "$1" true
}

# inhibitors OLD NEW: names of the parts that may not change under a running system, and do: parts that both have. Both are
# JSON objects of strings.
inhibitors() {
  [[ -e $1 && -e $2 ]] || return 0
  awk 'NR == FNR { old[$1] = $0; next } ($1 in old) && old[$1] != $0 { print "inhibitor=" $1 }' \
    FS='\t' <(inhibitor_lines "$1") <(inhibitor_lines "$2")
}

# inhibitor_lines FILE: <name> <tab> <value in JSON>, one a line.
inhibitor_lines() {
  grep -oE '"([^"\\]|\\.)*"[[:space:]]*:[[:space:]]*"([^"\\]|\\.)*"' "$1" |
    sed -E 's/^"(([^"\\]|\\.)*)"[[:space:]]*:[[:space:]]*/\1\t/' || true
}
