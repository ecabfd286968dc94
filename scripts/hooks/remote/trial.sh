#!/usr/bin/env bash
# A boot past the boot loader, which keeps what it has: kexec. Runs as root.

# trial_over: a file that is there once the trial of this boot is over.
trial_over() {
  echo /run/nixherd-trial-over
}

# can_try SYSTEM: is there a kexec, does the kernel let one be loaded, and has the system what it loads?
can_try() {
  local folder=${NIXHERD_ROOT:-}$1 lock=${NIXHERD_ROOT:-}/proc/sys/kernel/kexec_load_disabled
  command -v kexec >/dev/null && [[ -r $lock && $(<"$lock") == 0 ]] &&
    [[ -L $folder/kernel && -L $folder/initrd && -e $folder/kernel-params && -x $folder/init ]]
}

# load_trial SYSTEM SECONDS: its kernel is ready to be started. The initrd gets what a boot loader's copy of it gets.
# timer=armed: the machine is to restart that long after the kernel's start, if nobody confirms the system.
load_trial() {
  local folder=${NIXHERD_ROOT:-}$1 initrd=${NIXHERD_ROOT:-}$1/initrd copy=${NIXHERD_ROOT:-}/run/nixherd-trial-initrd code=0 timer
  if [[ -x $folder/append-initrd-secrets ]]; then
    (umask 077 && cp --dereference --no-preserve=mode "$initrd" "$copy")
    "$folder/append-initrd-secrets" "$copy" >&2
    initrd=$copy
  fi
  timer=$(trial_timer "$folder" "$2")
  # A start that fails half-way is to end in a restart. What the system says of it comes later, and counts.
  kexec --load "$folder/kernel" --initrd="$initrd" \
    --append="init=$1/init panic=30 boot.panic_on_fail $(<"$folder/kernel-params")$timer" || code=$?
  rm -f "$copy"
  if [[ -n $timer ]]; then echo "timer=armed"; fi
  return "$code"
}

# trial_timer FOLDER SECONDS: the dead-man timer of a trial, in words of the kernel's. The system in the folder needs not
# know of it: systemd makes a unit of such a credential from version 256 on (systemd-debug-generator(8)). Whoever starts
# default.target, as an activation does, starts it anew: the condition keeps it from that once the trial is over.
trial_timer() {
  local version unit name=nixherd-trial.timer
  read -r _ version _ < <("$1/systemd/bin/systemctl" --version 2>/dev/null) || return 0
  [[ ${version%%[^0-9]*} -ge 256 ]] || return 0
  unit="[Unit]\nDefaultDependencies=no\nConditionPathExists=!$(trial_over)\n[Timer]\nOnBootSec=$2\nAccuracySec=1s\nUnit=reboot.target\n"
  unit=$(printf '%b' "$unit" | base64 --wrap 0)
  echo " systemd.wants=$name systemd.set_credential_binary=systemd.extra-unit.$name:$unit"
}

# arm_trial SECONDS: a systemd that has made no unit of the kernel's words gets the timer now.
arm_trial() {
  if is_running nixherd-trial.timer; then return; fi
  restart_later nixherd-trial "$1"
}

# stop_trial_timer: from here on somebody else decides. Where there is no such timer it cannot be stopped.
stop_trial_timer() {
  touch "${NIXHERD_ROOT:-}$(trial_over)"
  systemctl stop nixherd-trial.timer || true
}

# end_trial_by_itself: for a trial whose timer was stopped, and that is not to stay: whoever asked for it has a moment to know.
end_trial_by_itself() {
  restart_later nixherd-trial-end 20
}

# restart_later UNIT SECONDS: a timer of this name restarts the machine after so many seconds.
restart_later() {
  systemd-run --quiet --collect --unit="$1" --on-active="$2s" -- systemctl reboot
}

# start_trial: returns before the machine goes down.
start_trial() {
  sync
  systemctl --no-block kexec && return
  kexec --unload
  return 1
}
