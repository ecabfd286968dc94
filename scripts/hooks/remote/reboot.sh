#!/usr/bin/env bash
# A restart of the machine. Runs as root.

# reboot_now: returns before the machine goes down. By its boot loader, even if a kernel is loaded for kexec.
reboot_now() {
  sync
  SYSTEMCTL_SKIP_AUTO_KEXEC=1 systemctl --no-block reboot
}
