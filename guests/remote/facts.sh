#!/usr/bin/env bash
# What `nixherd os facts` shows of a machine beyond what the hook needs. Needs no rights.

# os_facts: name=value lines; what the machine does not tell is left out.
os_facts() {
  local root=${NIXHERD_ROOT:-} revision
  facts
  echo "booted=$(link_target /run/booted-system)"
  echo "host-name=$(hostname 2>/dev/null || uname -n)"
  echo "version=$(<"$root/run/current-system/nixos-version")"
  echo "kernel=$(uname -r)"
  revision=$(configuration_revision "$root/run/current-system")
  [[ -z $revision ]] || echo "revision=$revision"
  if [[ -r $root/proc/uptime ]]; then echo "uptime-seconds=$(cut -d . -f 1 "$root/proc/uptime")"; fi
  memory_fact total MemTotal
  memory_fact available MemAvailable
  echo "store-size-mib=$(($(df -Pk "$root/nix" | awk 'NR == 2 { print $2 }') / 1024))"
  failed_units
}

memory_fact() {
  local file=${NIXHERD_ROOT:-}/proc/meminfo
  [[ ! -r $file ]] || awk -v name="$1" -v key="$2:" '$1 == key { print "memory-" name "-mib=" int($2 / 1024) }' "$file"
}

# configuration_revision SYSTEM: the revision that the system was built from, if its configuration tells.
configuration_revision() {
  [[ ! -x $1/sw/bin/nixos-version ]] || "$1/sw/bin/nixos-version" --configuration-revision 2>/dev/null || true
}
