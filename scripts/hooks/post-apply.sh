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
#   NIXHERD_SYSTEM             store path of a system that was built before; unset: built here
#   NIXHERD_BUILD_ON           auto (default), local or target
#   NIXHERD_ACTION             switch (default), boot or test
#   NIXHERD_DEADLINE_SECONDS   for the whole run, default 900
#   NIXHERD_HEALTH             [{"unit": ...} | {"http": ...} | {"tcp": ...} | {"command": ...}], with retries, timeoutSeconds
#   NIXHERD_POST_APPLY         paths of the spec's own scripts, run here in turn with this very environment
#   NIXHERD_AGENT              true (default): the host key is read through the guest agent; false: recorded on first use
#   PROXMOX_VE_ENDPOINT (else NIXHERD_PROXMOX_ENDPOINT) PROXMOX_VE_API_TOKEN PROXMOX_VE_INSECURE SSL_CERT_FILE
#
# Out: lines `phase=<name> state=<start|ok|fail|skip> ms=<n>` between lines for people, and the same as JSON lines in
# .nixherd/hooks/<stack>/<vmId>.jsonl. Phases: host-key ssh build copy activate verify health post-apply.
# The last line of a failure says what happened and what to do.
#
# Exit code:
#   0 the machine runs its system    2 the environment is incomplete    10 unreachable by SSH
#  11 host key not known or changed  12 build failed                    13 copy failed
#  14 activation failed              15 active, but units failed        16 active after a reboot only
#  17 another activation is running  18 something else is running       19 a health check failed
#  20 a post-apply script failed    130 interrupted
set -euo pipefail

hook_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for part in phase deadline contract ssh wait-for-ssh proxmox-agent host-key address flake build copy activate health post-apply; do
  # shellcheck source=/dev/null
  source "$hook_dir/lib/$part.sh"
done

main() {
  read_contract
  open_phase_log
  open_scratch "$hook_dir"
  start_deadline "$NIXHERD_DEADLINE_SECONDS"
  trap 'close_connections; close_scratch' EXIT
  trap 'interrupted' INT TERM

  find_address
  if [[ -n $NIXHERD_ADDRESS ]]; then
    pin_host_key
    wait_for_ssh
  fi
  if [[ $NIXHERD_NIXOS == true ]]; then
    build_system
    copy_system
    activate_system
    verify_system
    check_health
  fi
  run_post_apply_scripts
  say "done in ${SECONDS}s"
}

main "$@"
