#!/usr/bin/env bash
# A machine that needs nothing is not even logged in to.

# is_known_unchanged: did the last run confirm this very system, and does the guest agent say that this very machine still
# runs it? NixOS writes its own store path into the boot.json of each system.
is_known_unchanged() {
  [[ $NIXHERD_NIXOS == true && -n $NIXHERD_SYSTEM && $NIXHERD_AGENT == true ]] && has_proxmox || return 1
  case $(last_result exitCode) in 0 | 20) ;; *) return 1 ;; esac
  [[ $(last_result system) == "$NIXHERD_SYSTEM" ]] || return 1
  [[ $(last_result hostKey) == "$(pinned_fingerprint)" && $(last_result checks) == "$(checks_sum)" ]] || return 1
  case $NIXHERD_ACTION in
    switch) agent_says /run/current-system && agent_says /nix/var/nix/profiles/system ;;
    boot) agent_says /nix/var/nix/profiles/system ;;
    test) agent_says /run/current-system ;;
  esac
}

# agent_says LINK: does the agent say that the link leads to the wanted system?
agent_says() {
  local answer escaped_slash='\/' pattern='"toplevel\\": *\\"(/nix/store/[^\\"]*)'
  answer=$(agent_get "file-read?file=$1/boot.json") || return 1
  [[ ${answer//"$escaped_slash"//} =~ $pattern ]] || return 1
  [[ ${BASH_REMATCH[1]} == "$NIXHERD_SYSTEM" ]]
}
