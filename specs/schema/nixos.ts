import { Type } from "typebox";
import { forms } from "./forms.ts";
import { defaulted, section } from "./keys.ts";

const attempts = {
  retries: defaulted(
    Type.Integer({ minimum: 0, maximum: 1000, description: "Further tries after a failed one. Default: 5." }),
    5,
  ),
  timeoutSeconds: defaulted(
    Type.Integer({
      minimum: 1,
      maximum: 3600,
      description: "Longest duration of one try, in seconds. Default: 10.",
    }),
    10,
  ),
} as const;

const health = Type.Union([
  section("A systemd unit is active.", {
    unit: Type.String({
      ...forms.systemdUnit,
      description: 'Name of the unit, such as "nginx.service".',
    }),
    ...attempts,
  }),
  section("An HTTP request, made on the machine, is answered with a 2xx or 3xx status.", {
    http: Type.String({ ...forms.httpUrl, description: 'URL, such as "http://127.0.0.1/".' }),
    ...attempts,
  }),
  section("A TCP connection, made on the machine, is accepted.", {
    tcp: Type.String({ ...forms.hostAndPort, description: 'Host and port, such as "127.0.0.1:5432".' }),
    ...attempts,
  }),
  section("A command on the machine ends with exit code 0.", {
    command: Type.String({ minLength: 1, description: "Command line for the machine's shell." }),
    ...attempts,
  }),
]);

/** The NixOS configuration that the machine runs. */
export const nixosConfiguration = section(
  "The NixOS configuration. A change makes the next deploy build and activate it on the running machine; the machine itself is left alone.",
  {
    flake: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Flake that holds the configuration: a path relative to the repository\'s root or a flake URL. Default: nixos.flake of _site.json (".").',
      }),
    ),
    attribute: Type.Optional(
      Type.String({
        ...forms.flakeAttribute,
        description: "Name under nixosConfigurations of the flake. Default: the machine's name.",
      }),
    ),
    modules: defaulted(
      Type.Array(Type.String(), {
        description:
          'NixOS modules of the repository, relative to its root, such as "nix/hosts/web.nix"; read by the repository\'s own flake. Default: none.',
      }),
      [],
    ),
    settings: defaulted(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'Free values that modules read as the argument "settings". No secrets: they end in the Nix store. Default: none.',
      }),
      {},
    ),
    buildOn: defaulted(
      Type.Union([Type.Enum(["auto", "local", "target"]), Type.String({ ...forms.buildHost })], {
        description:
          'Where the system is built: here ("local"), on the machine ("target") or on a build host ("ssh://nix@builder", as ssh knows it). ' +
          '"auto": here if nix is installed here and can build for the machine, else on the machine. Default: "auto".',
      }),
      "auto",
    ),
    action: defaulted(
      Type.Enum(["switch", "boot", "test"], {
        description:
          'What is done with the new system: activated now and booted later ("switch"), only booted later ("boot"), ' +
          'only activated now ("test"). Default: "switch".',
      }),
      "switch",
    ),
    activation: defaulted(
      Type.Enum(["confirmed", "nixos-rebuild"], {
        description:
          'How the system is activated. "confirmed": the old system comes back by itself unless new connections come up and all health checks pass. ' +
          '"nixos-rebuild": by that program and nothing more. Default: "confirmed".',
      }),
      "confirmed",
    ),
    confirmSeconds: defaulted(
      Type.Integer({
        minimum: 10,
        maximum: 86_400,
        description:
          "Longest duration from the start of an activation to its confirmation, health checks included, in seconds; then the machine goes back " +
          "to the old system by itself. Never more than what deadlineSeconds leaves. Default: 300.",
      }),
      300,
    ),
    degraded: defaulted(
      Type.Enum(["rollback", "keep"], {
        description:
          'What becomes of a system in which units failed: the old one comes back ("rollback"), or it is confirmed and the deploy fails all the same ' +
          '("keep"). Default: "rollback".',
      }),
      "rollback",
    ),
    resetWhenLost: defaulted(
      Type.Boolean({
        description:
          "Resets the machine through the Proxmox VE API if it does not come back from a failed activation or from a reboot; it then boots the system " +
          "that was confirmed last. The token needs VM.PowerMgmt. Default: false.",
      }),
      false,
    ),
    reboot: defaulted(
      Type.Union([Type.Enum(["never", "always"]), Type.String({ ...forms.rebootWindow })], {
        description:
          "Whether a deploy may restart the machine for a system that needs it (another kernel or initrd, an inhibited switch, action boot): " +
          '"never", "always" or in a window in UTC such as "sat,sun 02:00-04:00". Otherwise the reboot that is due is reported. Where kexec works, the boot loader keeps the old system until the new one has come up well. Default: "never".',
      }),
      "never",
    ),
    deadlineSeconds: defaulted(
      Type.Integer({
        minimum: 10,
        maximum: 86_400,
        description:
          "Longest duration of the NixOS step, in seconds; a machine that has to go back to its old system gets more. Default: 900.",
      }),
      900,
    ),
    health: defaulted(
      Type.Array(health, {
        description:
          'Checks that must pass after activation: { "unit": ... }, { "http": ... }, { "tcp": ... } or { "command": ... }. Default: none.',
      }),
      [],
    ),
  },
);

/** The NixOS configuration, or false for a machine whose inside is left alone. */
export const nixos = Type.Union([Type.Literal(false), nixosConfiguration], {
  description: "The NixOS configuration of the machine, or false: its inside is left alone.",
});

/** Own steps of the user. */
export const hooks = section("Own steps around a deploy.", {
  postApply: defaulted(
    Type.Array(Type.String(), {
      description:
        'Executable files of the repository, relative to its root, such as "scripts/hooks/announce.sh"; run here, in this order, ' +
        "after the machine runs its NixOS configuration. A failing one fails the deploy, and the next deploy runs it again. Default: none.",
    }),
    [],
  ),
});
