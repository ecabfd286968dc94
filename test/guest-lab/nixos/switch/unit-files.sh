#!/bin/bash
# What files of units say, and whether two of them differ.

# is_set FILE KEY DEFAULT
is_set() {
  local value
  value=$(sed -n "s/^$2=//p" "$1" | tail -n 1)
  case ${value:-$3} in 1 | yes | true | on) ;; *) return 1 ;; esac
}

# compare_units OLD NEW: says reload where that is enough, restart where it is not, nothing where both are alike.
compare_units() {
  local changed
  changed=$(comm -3 <(unit_lines "$1") <(unit_lines "$2") | sed 's/^\t//')
  if [[ -z $changed ]]; then return; fi
  if grep -qvE '^(\[Unit\] X-Reload-Triggers|\[Service\] ExecReload|\[Mount\] Options)=' <<<"$changed"; then
    echo restart
  else
    echo reload
  fi
}

# unit_lines FILE: each line with its section; without those that nothing has to be done for.
unit_lines() {
  awk '/^\[/ { section = $0; next } section != "[Install]" && /=/ { print section " " $0 }' "$1" | grep -vE \
    '^\[Unit\] (Description|Documentation|On(Failure|Success|FailureJobMode)|IgnoreOnIsolate|StopWhenUnneeded|RefuseManual(Start|Stop)|AllowIsolate|CollectMode|SourcePath)=' |
    sort
}
