#!/usr/bin/env bash
# Makes the NixOS inside one machine the one that its spec describes. Terraform runs this after it has made
# or changed the machine; a person or a CI job may run it too. The working directory is the repository's root.
# Needs bash 3.2, ssh, curl, tar and node; git and nix (2.10) are used where they are at hand.
#
# Environment in (a value that is a list is JSON):
#   NIXHERD_VM_ID NIXHERD_VM_NAME NIXHERD_STACK NIXHERD_NODE   which machine, on which Proxmox node
#   NIXHERD_ADDRESS            address without prefix; empty: the guest agent is asked
#   NIXHERD_SSH_USER           default root; another user needs sudo without a password
#   NIXHERD_SSH_CONFIG         ssh configuration file; unset: the user's own
#   NIXHERD_NIXOS              true (default) or false: false waits for SSH and runs the post-apply scripts only
#   NIXHERD_FLAKE              folder ("." is the root) or flake URL
#   NIXHERD_ATTRIBUTE          nixosConfigurations.<attribute>; default the machine's name
#   NIXHERD_SYSTEM             store path of a system that was built before; unset, or collected since: built now
#   NIXHERD_BUILD_ON           auto (default), local, target or ssh://[user@]host
#   NIXHERD_ACTION             switch (default), boot or test
#   NIXHERD_ACTIVATION         confirmed (default) or nixos-rebuild
#   NIXHERD_CONFIRM_SECONDS    from the start of the activation to its confirmation, default 300
#   NIXHERD_ROLLBACK_SECONDS   for the way back to the old system, default 120; then the machine counts as lost
#   NIXHERD_DEGRADED           rollback (default) or keep: what becomes of a system in which units failed
#   NIXHERD_REBOOT             never (default), always, or a window in UTC: [sat,sun ]02:00-04:00; on trial where kexec works
#   NIXHERD_RESET_WHEN_LOST    false (default) or true: a machine that is lost is reset through the Proxmox API
#   NIXHERD_DEADLINE_SECONDS   for the whole run but its way back, default 900
#   NIXHERD_HEALTH             [{"unit": ...} | {"http": ...} | {"tcp": ...} | {"command": ...}], with retries, timeoutSeconds
#   NIXHERD_POST_APPLY         paths of the spec's own scripts, run here in turn with this very environment
#   NIXHERD_AGENT              true (default): the host key is read through the guest agent; false: recorded on first use
#   PROXMOX_VE_ENDPOINT (else NIXHERD_PROXMOX_ENDPOINT) PROXMOX_VE_API_TOKEN PROXMOX_VE_INSECURE SSL_CERT_FILE
#
# Out: lines `phase=<name> state=<start|ok|fail|skip> ms=<n>` between lines for people; the same as JSON lines in
# .nixherd/hooks/<stack>/<vmId>.jsonl, and how the run ended in <vmId>.json. Phases: host-key ssh build copy check
# activate health confirm roll-back reboot verify post-apply. The last line of a failure says what happened, what the
# machine runs, and what to do. docs/activation.md tells it all.
#
# Exit code:
#   0 confirmed                       2 the environment is incomplete    10 unreachable by SSH, nothing was changed
#  11 host key not known or changed  12 build failed                    13 copy failed
#  14 activation failed, the old system runs                            15 confirmed, but units failed
#  16 active after a reboot only     17 another activation is running   18 something else is running
#  19 a health check failed, the old system runs                        20 a post-apply script failed
#  21 refused, nothing was changed   22 the machine was lost            130 interrupted
set -euo pipefail

hook_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for part in phase result deadline supervise contract ssh remote wait-for-ssh proxmox host-key address changed-machine unchanged flake build \
  build-host copy check activate await way-back lost-machine health confirm reboot-window reboot trial-boot leave-trial plain post-apply; do
  # shellcheck source=/dev/null
  source "$hook_dir/lib/$part.sh"
done

main() {
  HOOK_DIR=$hook_dir
  read_contract
  open_phase_log
  open_result_file
  open_scratch
  supervise run_steps
}

run_steps() {
  assemble_remote "$HOOK_DIR/remote"
  start_run_deadline "$NIXHERD_DEADLINE_SECONDS"
  find_address
  if [[ -n $NIXHERD_ADDRESS ]]; then pin_host_key; fi
  if is_known_unchanged; then
    phase_skip activate "unchanged: the machine runs this system, as its agent says"
  else
    if [[ -n $NIXHERD_ADDRESS ]]; then wait_for_ssh; fi
    if [[ $NIXHERD_NIXOS == true ]]; then apply_system; fi
  fi
  run_post_apply_scripts
  write_result 0 "done"
  say "done in ${SECONDS}s"
}

apply_system() {
  if [[ $NIXHERD_ACTIVATION == nixos-rebuild ]]; then
    rebuild_system
  else
    build_system
    copy_system
    activate_system
  fi
  verify_system
}

main "$@"
