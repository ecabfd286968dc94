import { type Static, Type } from "typebox";

/** `PUT /nodes/*\/qemu/101/config`: method or `*`, then a path below /api2/json; `*` is one part, a last `**` the rest. */
const call = Type.String({ pattern: "^(?:GET|POST|PUT|DELETE|\\*) /\\S*$" });
const ms = Type.Integer({ minimum: 0, maximum: 3_600_000 });
const vmid = Type.Integer({ minimum: 100, maximum: 999_999_999 });
const node = Type.String({ minLength: 1 });

/** How long a rule holds, from the moment that it is set. */
const lasting = { lastsMs: Type.Optional(Type.Integer({ minimum: 1 })) };

/** Which of the events that a rule is about it really meets. */
const often = {
  ...lasting,
  /** Events that pass before the rule begins. */
  skip: Type.Optional(Type.Integer({ minimum: 0 })),
  /** How many events it meets at most. */
  count: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Chance to meet an event; 1 is every one. */
  probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
};

/** The machine that an event is about. */
const machine = { node: Type.Optional(node), vmid: Type.Optional(vmid) };

const onCall = { ...often, ...machine, call: Type.Optional(call) };
const onTask = { ...often, ...machine, task: Type.Optional(Type.String({ minLength: 1 })) };
const onGuest = { ...often, ...machine };

/** The fault comes after the work was done, and hides that it was. */
const afterWork = Type.Optional(Type.Boolean());

function rule<Name extends string, Shape extends Record<string, Parameters<typeof Type.Optional>[0]>>(
  fault: Name,
  shape: Shape,
) {
  return Type.Object({ fault: Type.Literal(fault), ...shape }, { additionalProperties: false });
}

/** What each kind of rule may say. */
export const faultSchemas = {
  latency: rule("latency", { ...onCall, ms }),
  status: rule("status", {
    ...onCall,
    status: Type.Enum([500, 595, 596, 599]),
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    afterWork,
  }),
  reset: rule("reset", { ...onCall, afterWork }),
  // Without a count, nobody could connect any more to end it.
  "tls-drop": rule("tls-drop", { ...often, count: Type.Integer({ minimum: 1 }) }),
  "task-duration": rule("task-duration", { ...onTask, ms }),
  "task-failure": rule("task-failure", {
    ...onTask,
    exitStatus: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    afterWork,
  }),
  "node-down": rule("node-down", { ...lasting, node }),
  "storage-full": rule("storage-full", {
    ...lasting,
    storage: Type.String({ minLength: 1 }),
    node: Type.Optional(node),
  }),
  "agent-silent": rule("agent-silent", onGuest),
  "never-boots": rule("never-boots", onGuest),
  "ignores-shutdown": rule("ignores-shutdown", onGuest),
};

type FaultSchemas = typeof faultSchemas;

/** `latency`, `reset`, `node-down`, ... */
export type FaultName = keyof FaultSchemas;

/** One rule of a kind. */
export type RuleOf<Name extends FaultName> = Static<FaultSchemas[Name]>;

/** One rule: which events meet which fault, how often, and for how long. */
export type FaultRule = { [Name in FaultName]: RuleOf<Name> }[FaultName];
