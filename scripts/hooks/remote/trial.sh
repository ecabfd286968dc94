#!/usr/bin/env bash
# A boot past the boot loader, which keeps what it has: kexec. Runs as root.

# can_try SYSTEM: is there a kexec, does the kernel let one be loaded, and has the system what it loads?
can_try() {
  local folder=${NIXHERD_ROOT:-}$1 lock=${NIXHERD_ROOT:-}/proc/sys/kernel/kexec_load_disabled
  command -v kexec >/dev/null && [[ -r $lock && $(<"$lock") == 0 ]] &&
    [[ -L $folder/kernel && -L $folder/initrd && -e $folder/kernel-params && -x $folder/init ]]
}

# load_trial SYSTEM: its kernel is ready to be started. The initrd gets what a boot loader's copy of it gets.
load_trial() {
  local folder=${NIXHERD_ROOT:-}$1 initrd=${NIXHERD_ROOT:-}$1/initrd copy=${NIXHERD_ROOT:-}/run/nixherd-trial-initrd code=0
  if [[ -x $folder/append-initrd-secrets ]]; then
    (umask 077 && cp --dereference --no-preserve=mode "$initrd" "$copy")
    "$folder/append-initrd-secrets" "$copy" >&2
    initrd=$copy
  fi
  kexec --load "$folder/kernel" --initrd="$initrd" --append="init=$1/init $(<"$folder/kernel-params")" || code=$?
  rm -f "$copy"
  return "$code"
}

# start_trial: returns before the machine goes down.
start_trial() {
  sync
  systemctl --no-block kexec && return
  kexec --unload
  return 1
}
