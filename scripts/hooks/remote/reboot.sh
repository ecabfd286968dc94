#!/usr/bin/env bash
# A restart of the machine. Runs as root.

# reboot_now: returns before the machine goes down.
reboot_now() {
  sync
  systemctl --no-block reboot
}
