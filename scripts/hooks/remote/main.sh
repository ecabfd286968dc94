#!/usr/bin/env bash
# The last part of the script that is sent: one command of it runs, named by the first argument.

main() {
  local command=$1
  shift
  case $command in
    facts | reachable | check | begin | watch | confirm | roll_back | finish | health | reboot_now | load_trial | start_trial | arm_trial | \
      build | rebuild | has_path | closure | missing_paths | export_paths | import_paths | \
      activate_now | install_now | confirm_now | roll_back_now) "$command" "$@" ;;
    *) echo "there is no command $command" >&2 && return 2 ;;
  esac
}
