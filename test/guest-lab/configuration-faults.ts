import type { Fault } from "./run-cell.ts";

const failingUnit = `{ units."bad.service" = "[Service]\\nType=oneshot\\nExecStart=/bin/false\\n"; }`;
// The old system does not bring the old key back: as with cloud-init, which makes keys anew.
const otherHostKey = `{
  activation = "rm -f /etc/ssh/ssh_host_ed25519_key*; ssh-keygen -q -t ed25519 -N \\"\\" -f /etc/ssh/ssh_host_ed25519_key";
  sshd = "# reads its key anew";
}`;

/** What a new system can do wrong. */
export const configurationFaults: readonly Fault[] = [
  {
    fault: "the activation script fails (2)",
    module: `{ activation = "false"; }`,
    exitCode: 14,
    ending: "old system",
    says: /switch-to-configuration ended with 2\); the machine runs the old system again, \/nix\/store/,
  },
  {
    fault: "a unit fails (4)",
    module: failingUnit,
    exitCode: 14,
    ending: "old system",
    says: /these units failed: bad\.service; the machine runs the old system again/,
  },
  {
    fault: "a unit fails (4), and degraded systems are kept",
    module: failingUnit,
    environment: { NIXHERD_DEGRADED: "keep" },
    exitCode: 15,
    ending: "new system confirmed",
    says: /confirmed and runs, but these units failed: bad\.service/,
  },
  {
    fault: "a unit fails and is to be tried again (4), and degraded systems are kept",
    module: `{ units."bad.service" = "[Service]\\nExecStart=/bin/false\\nRestart=always\\nRestartSec=1h\\n"; }`,
    environment: { NIXHERD_DEGRADED: "keep" },
    exitCode: 15,
    ending: "new system confirmed",
    says: /confirmed and runs, but these units failed: bad\.service/,
  },
  {
    fault: "the activation script and a unit fail (4), and degraded systems are kept",
    module: `{ activation = "false"; units."bad.service" = "[Service]\\nType=oneshot\\nExecStart=/bin/false\\n"; }`,
    environment: { NIXHERD_DEGRADED: "keep" },
    exitCode: 14,
    ending: "old system",
    says: /activation script failed; the machine runs the old system again/,
  },
  {
    fault: "switch-to-configuration panics half-way (101)",
    module: `{ after = "exit 101"; }`,
    exitCode: 14,
    ending: "old system",
    says: /ended with 101\); the machine runs the old system again/,
  },
  {
    fault: "the init interface differs (100)",
    module: `{ init = "2"; }`,
    exitCode: 16,
    ending: "old system until the next boot",
    says: /with the next boot only: its init cannot take over/,
  },
  {
    fault: "the init interface differs (100), and reboots are allowed",
    module: `{ init = "2"; }`,
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
  },
  {
    fault: "a switch inhibitor differs",
    module: `{ inhibitors.dbus = "broker"; }`,
    exitCode: 16,
    ending: "old system until the next boot",
    says: /with the next boot only: what may not change.*dbus/,
  },
  {
    fault: "a switch inhibitor differs, and reboots are allowed",
    module: `{ inhibitors.dbus = "broker"; }`,
    environment: { NIXHERD_REBOOT: "always" },
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
  },
  {
    fault: "a switch inhibitor is one that the old system has not",
    module: `{ inhibitors = { dbus = "dbus"; init = "new"; }; }`,
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
  },
  {
    fault: "the system is not well after its reboot",
    module: `{ init = "2"; }`,
    environment: {
      NIXHERD_REBOOT: "always",
      NIXHERD_HEALTH: '[{"command":"readlink /run/current-system | grep template","retries":0}]',
    },
    exitCode: 19,
    ending: "old system",
    says: /restarted once more and runs the old system again/,
  },
  {
    fault: "systemd executes itself anew during the activation",
    module: `{ systemd = "DefaultTimeoutStartSec=89s"; }`,
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
  },
  {
    fault: "the new configuration breaks the network",
    module: `{ networkUp = "ip link set eth0 down"; }`,
    environment: { NIXHERD_CONFIRM_SECONDS: "6" },
    exitCode: 14,
    ending: "old system",
    says: /no new connection came up.*the machine runs the old system again.*network, the firewall and sshd/,
  },
  {
    fault: "the new configuration's sshd lets nobody in",
    module: `{ sshd = "AllowUsers nobody"; }`,
    environment: { NIXHERD_CONFIRM_SECONDS: "6" },
    exitCode: 14,
    ending: "old system",
    says: /no new connection (came|comes) up.*the machine runs the old system again/,
  },
  {
    fault: "the new configuration's sshd does not start",
    module: `{ sshd = "NoSuchOption yes"; }`,
    environment: { NIXHERD_CONFIRM_SECONDS: "6" },
    exitCode: 14,
    ending: "old system",
    says: /the machine runs the old system again/,
  },
  {
    fault: "the new configuration breaks the network, and systemd executes itself anew",
    module: `{ networkUp = "ip link set eth0 down"; systemd = "DefaultTimeoutStartSec=89s"; }`,
    environment: { NIXHERD_CONFIRM_SECONDS: "6" },
    exitCode: 14,
    ending: "old system",
    says: /no new connection came up.*the machine runs the old system again/,
  },
  {
    fault: "the new configuration brings another host key",
    module: otherHostKey,
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
  },
  {
    fault: "the new configuration brings another host key, and no agent tells it",
    module: otherHostKey,
    environment: { NIXHERD_AGENT: "false", NIXHERD_CONFIRM_SECONDS: "6", NIXHERD_ROLLBACK_SECONDS: "3" },
    exitCode: 22,
    ending: "old system",
    says: /cannot be reached: Host key verification failed.*brings back the old system/,
  },
  {
    fault: "a health check fails",
    environment: { NIXHERD_HEALTH: '[{"unit":"web.service"},{"tcp":"127.0.0.1:81","retries":0}]' },
    exitCode: 19,
    ending: "old system",
    says: /health check tcp "127\.0\.0\.1:81" failed.*the machine runs the old system again/,
  },
  {
    fault: "the boot loader cannot be written",
    module: `{ bootLoader = "false"; }`,
    exitCode: 14,
    ending: "old system",
    says: /boot loader could not be written \(exit code 1\); the machine runs the old system again/,
  },
];
