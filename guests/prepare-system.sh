#!/usr/bin/env bash
# The first half of an activation, with the hook's own steps: builds a machine's system and brings it into the machine's
# store. Nothing is activated, no generation is made. The working directory is the repository's root, the environment
# that of scripts/hooks/post-apply.sh, and so are phases and exit codes. The last line is system=<store path>.
set -euo pipefail

for part in scripts/hooks/lib/*.sh; do
  # shellcheck source=/dev/null
  source "$part"
done

main() {
  HOOK_DIR=$PWD/scripts/hooks
  read_contract
  open_phase_log
  open_scratch
  supervise prepare
}

prepare() {
  assemble_remote "$HOOK_DIR/remote"
  start_run_deadline "$NIXHERD_DEADLINE_SECONDS"
  find_address
  pin_host_key
  wait_for_ssh
  build_system
  copy_system
  echo "system=$NIXHERD_SYSTEM"
}

main "$@"
