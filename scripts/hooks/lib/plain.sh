#!/usr/bin/env bash
# shellcheck disable=SC2034 # parts of the hook read each other's variables
# nixos.activation "nixos-rebuild": just that, for those who want just that. No timer, no confirmation, no way back.

# rebuild_system: phase activate, with the build in it. Leaves NIXHERD_SYSTEM set to what the machine runs afterwards.
rebuild_system() {
  local place code=0 before key=current
  before=$(fact current)
  place=$(build_place)
  phase_start activate "nixos-rebuild $NIXHERD_ACTION ($place)"
  [[ $place != ssh://* ]] || fail 2 "nixos-rebuild builds here or on the machine, not on $place" "Set nixos.buildOn to local or target"
  if [[ $place == local ]]; then
    command -v nixos-rebuild >/dev/null || fail 12 "there is no nixos-rebuild here" "Install it, or set nixos.buildOn to target"
    rebuild_from_here || code=$?
  else
    rebuild_on_machine || code=$?
  fi
  close_connections
  resume_deadline
  read_facts || fail 22 "nixos-rebuild ended with $code, and the machine cannot be asked what it runs: $(ssh_error)" "Look at its console"
  FACTS_ARE_FRESH=true
  ((code == 0)) || fail 14 "nixos-rebuild ended with $code; the machine runs $(fact current) and boots $(fact profile) next, before it was $before" \
    "Read its words above, correct the configuration and deploy again"
  [[ $NIXHERD_ACTION != boot ]] || key=profile
  NIXHERD_SYSTEM=$(fact "$key")
  phase_ok "nixos-rebuild is done"
  check_health || fail 19 "$HEALTH_FAILURE; the machine runs $(fact current)" "Look at the machine's journal, correct the configuration and deploy again"
}

rebuild_from_here() {
  local options=(--flake "$(flake_reference "$NIXHERD_FLAKE")#$NIXHERD_ATTRIBUTE" --target-host "$(ssh_target)" --no-reexec)
  [[ $NIXHERD_SSH_USER == root ]] || options+=(--sudo)
  NIX_SSHOPTS="${SSH_OPTIONS[*]}" run_bounded nixos-rebuild "$NIXHERD_ACTION" "${options[@]}"
}

rebuild_on_machine() {
  local flake
  flake=$(pack_flake_or_url) || return $?
  cat "$SCRATCH/remote" "$SCRATCH/flake.tar" >"$SCRATCH/input"
  as_root rebuild "$NIXHERD_ATTRIBUTE" "$flake" "$NIXHERD_ACTION" <"$SCRATCH/input"
}
