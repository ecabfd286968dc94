import {
  type Static,
  type TArray,
  type TObject,
  type TOptional,
  type TRecord,
  type TSchema,
  type TUnion,
  Type,
} from "typebox";

/** What a change of a key does to a machine that exists already. Ends the description of every such key. */
export const onChange = {
  live: "A change is applied live.",
  powerCycle: "A change power-cycles the machine.",
  replace: "A change replaces the machine: it is destroyed and cloned again.",
  firstBoot: "Used at the first boot only; a later change does nothing to the machine.",
} as const;

type Keys = Record<string, TSchema>;

/** An object in which unknown keys are a problem. */
export function section<const K extends Keys>(description: string, keys: K): TObject<K> {
  return Type.Object(keys, { description, additionalProperties: false });
}

/** A key that may be left out: it has `value` then. */
type Defaulted<S extends TSchema> = TOptional<S> & { readonly default: Static<S> };

/** Makes a key that may be left out; `value` takes its place when the defaults are filled in. */
export function defaulted<S extends TSchema>(schema: S, value: Static<S>): Defaulted<S> {
  return Object.assign(Type.Optional(schema), { default: value }) as unknown as Defaulted<S>;
}

type FilledKeys<K extends Keys> = {
  [N in keyof K]: K[N] extends { readonly default: unknown } ? N : K[N] extends TOptional ? never : N;
}[keyof K];

/** The type of a value after the defaults are filled in: every key that has a default is there. */
export type Complete<S> =
  S extends TObject<infer K extends Keys>
    ? { readonly [N in FilledKeys<K>]: Complete<K[N]> } & {
        readonly [N in Exclude<keyof K, FilledKeys<K>>]?: Complete<K[N]>;
      }
    : S extends TArray<infer I>
      ? readonly Complete<I>[]
      : S extends TUnion<infer M>
        ? Complete<M[number]>
        : S extends TRecord<string, infer V>
          ? Readonly<Record<string, Complete<V>>>
          : S extends TSchema
            ? Static<S>
            : never;
