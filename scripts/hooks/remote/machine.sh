#!/usr/bin/env bash
# Where things are on the machine. NIXHERD_ROOT is empty on a real machine.

# work_folder RUN: what a run keeps on the machine while its activation is undecided; a reboot forgets it.
work_folder() {
  echo "${NIXHERD_ROOT:-}/run/nixherd/$1"
}

system_profile() {
  echo "${NIXHERD_ROOT:-}/nix/var/nix/profiles/system"
}

# record_file: what the machine remembers of its last activation and of the last confirmed system.
record_file() {
  echo "${NIXHERD_ROOT:-}/var/lib/nixherd/activation"
}

# link_target PATH: where a link of the machine leads; nothing if there is none.
link_target() {
  local target
  target=$(readlink "${NIXHERD_ROOT:-}$1") || return 0
  echo "${target#"${NIXHERD_ROOT:-}"}"
}

# profile_link: the name of the profile's generation, such as system-12-link.
profile_link() {
  link_target /nix/var/nix/profiles/system
}

# profile_system: the store path that the profile's generation leads to.
profile_system() {
  link_target "/nix/var/nix/profiles/$(profile_link)"
}

# generation: the number of the profile's generation.
generation() {
  local link
  link=$(profile_link)
  link=${link%-link}
  echo "${link##*-}"
}

boot_id() {
  cat "${NIXHERD_ROOT:-}/proc/sys/kernel/random/boot_id"
}

# uptime_seconds: since the machine's start. Its wall clock, which bash's own SECONDS follow, may be set meanwhile.
uptime_seconds() {
  local up=$SECONDS
  [[ ! -r /proc/uptime ]] || read -r up _ </proc/uptime
  echo "${up%.*}"
}

# switch_to SYSTEM ACTION: the system's own switch-to-configuration.
switch_to() {
  "${NIXHERD_ROOT:-}$1/bin/switch-to-configuration" "$2"
}

# undecided_units: while one of them runs, a new system waits to be confirmed or is on its way out.
undecided_units() {
  printf '%s\n' nixherd-deadman.timer nixherd-deadman.service nixherd-trial.timer nixherd-trial-end.timer
}

# is_undecided: is it open which system the machine ends with?
is_undecided() {
  local unit
  for unit in $(undecided_units); do
    if is_running "$unit"; then return 0; fi
  done
  return 1
}

# is_running UNIT: while systemd re-executes itself it says nothing, which counts as running.
is_running() {
  case $(systemctl is-active "$1" 2>/dev/null || true) in inactive | failed | unknown) return 1 ;; esac
}

# field FILE NAME: one value of a file of name=value lines.
field() {
  sed -n "s|^$2=||p" "$1" 2>/dev/null || true
}
