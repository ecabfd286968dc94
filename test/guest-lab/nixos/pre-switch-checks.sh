#!/bin/bash
# What is looked at before a system is switched to: the module's own check, and NixOS's switch inhibitors, of which none
# that both systems have may differ.
# Usage: pre-switch-checks.sh <toplevel> <action>
set -u

main() {
  bash -eu "$1/lab/preSwitchCheck" "$@" || refuse own
  case $2 in
    boot | dry-activate) ;;
    *) same_inhibitors /run/current-system/switch-inhibitors "$1/switch-inhibitors" || refuse switchInhibitors ;;
  esac
}

refuse() {
  echo "Pre-switch check '$1' failed"
  exit 1
}

# same_inhibitors OLD NEW: both are JSON objects of strings, written by Nix.
same_inhibitors() {
  [[ -z $(join -t $'\t' <(inhibitors "$1") <(inhibitors "$2") | awk -F '\t' '$2 != $3') ]]
}

inhibitors() {
  [[ ! -f $1 ]] || grep -oE '"[^"]*":"[^"]*"' "$1" | sed 's/":"/"\t"/' | sort
}

main "$@"
