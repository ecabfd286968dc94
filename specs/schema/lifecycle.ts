import { Type } from "typebox";
import { forms } from "./forms.ts";
import { defaulted, onChange, section } from "./keys.ts";

const seconds = (value: number, what: string) =>
  defaulted(
    Type.Integer({
      minimum: 1,
      maximum: 86_400,
      description: `Longest wait for ${what}, in seconds. Default: ${value}.`,
    }),
    value,
  );

const delay = (what: string) =>
  Type.Optional(
    Type.Integer({ minimum: 0, maximum: 86_400, description: `${what}, in seconds. Default: none.` }),
  );

const startup = section(`Order among the node's machines when the node starts and stops. ${onChange.live}`, {
  order: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        "Place in the order: low numbers start first and stop last. Default: after all that have one.",
    }),
  ),
  upDelaySeconds: delay("Wait after this machine's start before the next one starts"),
  downDelaySeconds: delay("Wait for this machine's stop before the next one stops"),
});

const timeouts = section("How long each step may take.", {
  cloneSeconds: seconds(1800, "the clone and the first start"),
  startSeconds: seconds(300, "a start"),
  shutdownSeconds: seconds(180, "a clean shutdown"),
  stopSeconds: seconds(300, "a hard stop"),
  rebootSeconds: seconds(300, "a reboot"),
  migrateSeconds: seconds(1800, "a migration to another node"),
});

/** How the machine starts, stops and goes away. */
export const lifecycle = section("How the machine starts, stops and goes away.", {
  startOnBoot: defaulted(
    Type.Boolean({ description: `Starts with its node. Default: true. ${onChange.live}` }),
    true,
  ),
  started: defaulted(
    Type.Boolean({
      description:
        "Runs (true) or is kept stopped (false). A machine that was stopped by hand is started again. Default: true.",
    }),
    true,
  ),
  startup: Type.Optional(startup),
  protection: defaulted(
    Type.Boolean({
      description: `Proxmox VE refuses to remove the machine and its disks. Default: false. ${onChange.live}`,
    }),
    false,
  ),
  stopOnDestroy: defaulted(
    Type.Boolean({
      description:
        "Switches the machine off instead of shutting it down before it is destroyed. Default: true.",
    }),
    true,
  ),
  rebootAfterUpdate: defaulted(
    Type.Boolean({
      description:
        "Power-cycles the machine by itself when a change needs it. False: such changes stay pending until its next stop. Default: true.",
    }),
    true,
  ),
  preventDestroy: defaulted(
    Type.Boolean({
      description:
        "Refuses every plan that would destroy or replace the machine. Removing the spec removes this guard too. Default: false.",
    }),
    false,
  ),
  ignoreChanges: defaulted(
    Type.Array(Type.String({ ...forms.providerAttribute }), {
      description:
        'Attributes of the provider\'s machine whose changes are left alone, such as "cpu" or "network_device[0].mac_address". Default: none.',
    }),
    [],
  ),
  timeouts: defaulted(timeouts, {}),
});
