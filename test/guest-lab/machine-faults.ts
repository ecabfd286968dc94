import type { LabVm } from "./lab-machines.ts";
import { type Fault, untilSaid } from "./run-cell.ts";

const lock = "/run/nixos/switch-to-configuration.lock";
const slow = `{ activation = "touch /run/activating; sleep 40"; }`;
const whileActivating = (meddle: (vm: LabVm) => Promise<unknown>): NonNullable<Fault["during"]> => [
  "activate",
  async (vm) => {
    await untilSaid(vm, "[ -e /run/activating ]");
    await meddle(vm);
  },
];

/** What can befall a machine while a system that is all right comes to it. */
export const machineFaults: readonly Fault[] = [
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
    fault: "the journal is killed during the activation",
    module: `{ activation = "systemctl kill --signal KILL systemd-journald.service; echo said"; }`,
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
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
  {
    fault: "the machine is reset while the new system is checked",
    environment: { NIXHERD_HEALTH: '[{"command":"sleep 5","retries":0}]' },
    during: ["health", (vm) => vm.machine.post("/status/reset")],
    exitCode: 14,
    ending: "old system",
    says: /the machine runs the old system again/,
  },
  {
    fault: "the machine is reset while the new system is confirmed",
    during: ["confirm", (vm) => vm.machine.post("/status/reset")],
    exitCode: [0, 14],
    ending: "either",
    says: /done in|the machine runs the old system again/,
  },
  {
    fault: "the user's key comes later than sshd, which locks out who is refused too often",
    prepare: (vm) =>
      vm.inside(`
        mv /root/.ssh/authorized_keys /root/.ssh/later
        systemd-run --quiet --on-active=9s --timer-property=AccuracySec=100ms mv /root/.ssh/later /root/.ssh/authorized_keys
      `),
    environment: {
      NIXHERD_HEALTH: '[{"command":"! journalctl --boot --grep \\"drop connection.*penalty\\"","retries":0}]',
    },
    exitCode: 0,
    ending: "new system confirmed",
    says: /done in/,
  },
];

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
