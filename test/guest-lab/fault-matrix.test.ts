import { test } from "vitest";
import { noLab } from "./lab-base.ts";
import { type LabVm, useGuestLab } from "./lab-machines.ts";
import { type Fault, runCell, untilSaid } from "./run-cell.ts";

const lab = useGuestLab();

const failingUnit = `{ units."bad.service" = "[Service]\\nType=oneshot\\nExecStart=/bin/false\\n"; }`;
// The old system does not bring the old key back: as with cloud-init, which makes keys anew.
const otherHostKey = `{
  activation = "rm -f /etc/ssh/ssh_host_ed25519_key*; ssh-keygen -q -t ed25519 -N \\"\\" -f /etc/ssh/ssh_host_ed25519_key";
  sshd = "# reads its key anew";
}`;
const lock = "/run/nixos/switch-to-configuration.lock";
const slow = `{ activation = "touch /run/activating; sleep 40"; }`;
const whileActivating = (meddle: (vm: LabVm) => Promise<unknown>): NonNullable<Fault["during"]> => [
  "activate",
  async (vm) => {
    await untilSaid(vm, "[ -e /run/activating ]");
    await meddle(vm);
  },
];

const faults: readonly Fault[] = [
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
    // No namespace has a wall clock of its own, so none can jump here: what is shown is that the timer does not look at it.
    fault: "a clock that jumps: the timer on the machine counts the monotonic clock only",
    environment: {
      NIXHERD_HEALTH: JSON.stringify([
        {
          command: "systemctl show nixherd-deadman.timer -P TimersMonotonic | grep OnActiveUSec=30s",
          retries: 0,
        },
        { command: 'test -z "$(systemctl show nixherd-deadman.timer -P TimersCalendar)"', retries: 0 },
      ]),
    },
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
  },
  {
    fault: "the activation is killed",
    module: slow,
    during: whileActivating((vm) => vm.inside("systemctl kill --signal KILL nixherd-activation.service")),
    exitCode: 14,
    ending: "old system",
    says: /activation was killed; the machine runs the old system again/,
  },
  {
    fault: "the activation does not end in time",
    module: slow,
    environment: { NIXHERD_CONFIRM_SECONDS: "4" },
    exitCode: 14,
    ending: "old system",
    says: /did not end in time; the machine runs the old system again/,
  },
  {
    fault: "systemd executes itself anew during the activation",
    module: `{ systemd = "258"; }`,
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
  },
  {
    fault: "the journal is killed during the activation",
    module: `{ activation = "systemctl kill --signal KILL systemd-journald.service; echo said"; }`,
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
    module: `{ networkUp = "ip link set eth0 down"; systemd = "258"; }`,
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
  {
    fault: "the garbage collector runs before the confirmation, which fails",
    environment: {
      NIXHERD_HEALTH: '[{"command":"nix-collect-garbage -d"},{"command":"false","retries":0}]',
    },
    exitCode: 19,
    ending: "old system",
    says: /health check command "false" failed.*the machine runs the old system again/,
  },
  {
    fault: "switch-to-configuration's lock is held",
    prepare: async (vm) => {
      await vm.inside(`systemd-run --quiet flock ${lock} sleep infinity`);
      await untilSaid(vm, `[ -e ${lock} ] && ! flock --nonblock ${lock} true`);
    },
    exitCode: 17,
    ending: "old system",
    says: /another activation is running on the machine \(switch-to-configuration\); nothing was changed/,
  },
  {
    fault: "a nixos-rebuild is at work",
    prepare: (vm) =>
      vm.inside("systemd-run --quiet --unit nixos-rebuild-switch-to-configuration sleep infinity"),
    exitCode: 17,
    ending: "old system",
    says: /nixos-rebuild-switch-to-configuration\.service\); nothing was changed/,
  },
  {
    fault: "no room on /nix",
    prepare: (vm) => vm.inside(smallStore(60)),
    exitCode: 21,
    ending: "old system",
    says: /MiB left on \/nix, so nothing was changed/,
  },
  {
    fault: "/nix fills up during the build",
    module: "{ payloadMiB = 300; }",
    prepare: (vm) => vm.inside(smallStore(120)),
    exitCode: 12,
    ending: "old system",
    says: /could not be built/,
  },
  {
    fault: "/nix fills up before the confirmation",
    prepare: (vm) => vm.inside(smallStore(120)),
    environment: { NIXHERD_HEALTH: '[{"command":"head -c 1G /dev/zero >/nix/fill; test -e /nix/fill"}]' },
    exitCode: [0, 14],
    ending: "either",
    says: /done in|the machine runs the old system again/,
  },
  {
    fault: "the machine is reset during the activation",
    module: slow,
    during: whileActivating((vm) => vm.machine.post("/status/reset")),
    exitCode: 14,
    ending: "old system",
    says: /was restarted during the activation; the machine runs the old system again/,
  },
  {
    fault: "the activation restarts the machine",
    module: `{ activation = "systemctl --no-block reboot; sleep 40"; }`,
    exitCode: 14,
    ending: "old system",
    says: /the machine runs the old system again/,
  },
  {
    fault: "the machine hangs, and may be reset",
    module: slow,
    during: whileActivating(async (vm) => vm.freeze(true)),
    environment: {
      NIXHERD_CONFIRM_SECONDS: "5",
      NIXHERD_ROLLBACK_SECONDS: "3",
      NIXHERD_RESET_WHEN_LOST: "true",
    },
    exitCode: 14,
    ending: "old system",
    says: /no new connection came up.*the machine runs the old system again/,
  },
];

// A machine each, several at once: most of the time they wait.
test.concurrent.for(faults.map((cell) => [cell.fault, cell] as const))(
  "%s: the machine ends as it may, and the hook says how",
  async ([, cell], { skip }) => {
    skip(noLab !== "", noLab);
    await runCell(lab, cell);
  },
);

/** Moves /nix to a file system of its own with so many MiB left. */
function smallStore(leftMiB: number): string {
  return `
    used=$(du -sm /nix | cut -f 1)
    mount -t tmpfs -o size=$((used + ${leftMiB}))m tmpfs /mnt
    cp -a /nix/. /mnt
    mount --move /mnt /nix
    left=$(df -m --output=avail /nix | tail -n 1)
    head -c $((left - ${leftMiB}))M /dev/zero >/nix/fill.at.first || true
  `;
}
