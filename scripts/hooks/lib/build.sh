#!/usr/bin/env bash
# Builds the machine's system: here when nix is at hand and can build for the machine, else on the machine.

NIX=(nix --extra-experimental-features "nix-command flakes")
BUILT_HERE=false

# build_system: phase build. Leaves NIXHERD_SYSTEM set to the store path.
build_system() {
  local place
  if [[ -n $NIXHERD_SYSTEM ]] && is_gone_here; then
    say "neither the store here nor the machine has $NIXHERD_SYSTEM any more: building the one of the flake"
    NIXHERD_SYSTEM=
  fi
  if [[ -n $NIXHERD_SYSTEM ]]; then
    # What was built on the machine, as the systems of its generations, need not come from here.
    [[ $NIXHERD_BUILD_ON == target ]] || BUILT_HERE=true
    phase_skip build "built before: $NIXHERD_SYSTEM"
    return
  fi
  place=$(build_place)
  phase_start build "building nixosConfigurations.$NIXHERD_ATTRIBUTE of $NIXHERD_FLAKE ($place)"
  case $place in
    local)
      command -v nix >/dev/null || fail 12 "there is no nix here" "Install nix, or set nixos.buildOn to target"
      BUILT_HERE=true
      build_here >"$SCRATCH/system" || build_failed $?
      ;;
    target)
      check_room
      build_by_remote remote_reading >"$SCRATCH/system" || build_failed $?
      ;;
    *) build_by_remote build_host_reading >"$SCRATCH/system" || build_failed $? ;;
  esac
  NIXHERD_SYSTEM=$(tail -n 1 "$SCRATCH/system")
  [[ $NIXHERD_SYSTEM =~ ^/nix/store/[0-9a-z]{32}-[^/[:space:]]+$ ]] ||
    fail 12 "the build printed '$NIXHERD_SYSTEM', which is no store path" "Check the attribute of the flake"
  phase_ok "built $NIXHERD_SYSTEM"
}

# build_place: prints local, target or a build host's URL.
build_place() {
  if [[ $NIXHERD_BUILD_ON != auto ]]; then
    echo "$NIXHERD_BUILD_ON"
  elif command -v nix >/dev/null && nix_builds_for "$(fact system)"; then
    echo local
  else
    echo target
  fi
}

# nix_builds_for SYSTEM: can the nix at hand build for SYSTEM ("x86_64-linux") by itself or by a builder?
nix_builds_for() {
  local config
  config=$("${NIX[@]}" show-config 2>/dev/null) || config=$("${NIX[@]}" config show 2>/dev/null) || return 1
  config=$(grep -E '^(system|extra-platforms|builders) = ' <<<"$config")
  if [[ -r /etc/nix/machines ]]; then config+=$(</etc/nix/machines); fi
  grep -qwF "$1" <<<"$config"
}

# is_gone_here: is the system that was built before neither in the store here any more nor on the machine?
is_gone_here() {
  [[ $NIXHERD_BUILD_ON != target && $(fact current) != "$NIXHERD_SYSTEM" ]] && command -v nix >/dev/null || return 1
  ! "${NIX[@]}" path-info "$NIXHERD_SYSTEM" >/dev/null 2>&1 && ! remote has_path "$NIXHERD_SYSTEM"
}

# was_built_here: did the build leave the system in the store of this host?
was_built_here() {
  [[ $BUILT_HERE == true ]]
}

build_here() {
  if [[ -f $NIXHERD_FLAKE/flake.nix && ! -e $NIXHERD_FLAKE/flake.lock ]]; then
    say "the flake has no flake.lock: nix chooses its inputs anew; run nix flake lock there and commit the file" >&2
  fi
  local attribute="nixosConfigurations.\"$NIXHERD_ATTRIBUTE\".config.system.build.toplevel"
  run_bounded "${NIX[@]}" build --no-link --print-out-paths "$(flake_reference "$NIXHERD_FLAKE")#$attribute"
}

# build_by_remote SENDER: the flake goes along, so the machine or the build host need not have one.
build_by_remote() {
  local flake
  flake=$(pack_flake_or_url) || return $?
  "$1" "$SCRATCH/flake.tar" build "$NIXHERD_ATTRIBUTE" "$flake"
}

# build_failed EXIT_CODE
build_failed() {
  local hint="Read nix's words above" untracked
  case $1 in
    124) fail 12 "the build did not end within the deadline, and nothing was changed" "Raise nixos.deadlineSeconds" ;;
    255) fail 12 "the connection was lost, or the build host could not be reached" "Read ssh's words above, then deploy again" ;;
  esac
  untracked=$(untracked_sources | head -n 3 | tr '\n' ' ')
  if [[ -n $untracked ]]; then
    hint+="; a flake sees only files that git tracks, and these are not (git add): ${untracked% }"
  fi
  fail 12 "nixosConfigurations.$NIXHERD_ATTRIBUTE of $NIXHERD_FLAKE could not be built (exit code $1)" "$hint"
}
