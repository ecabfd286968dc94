import type { Diagnostic } from "../wire/diagnostic.ts";
import { Decimal, isList, isObject, isUnknown, type Value } from "../wire/value.ts";
import type { AttributeCheck, CheckedPlace } from "./attribute-rules.ts";

/** One of these words, exactly. */
export function oneOf(...words: readonly string[]): AttributeCheck {
  const list = words.map((word) => JSON.stringify(word)).join(" ");
  return (value, at) =>
    words.includes(String(value))
      ? []
      : [mismatch(at, `value must be one of: [${list}]`, JSON.stringify(String(value)))];
}

/** A text that matches; `message` says what it must be. */
export function matching(pattern: RegExp, message: string): AttributeCheck {
  return (value, at) => (pattern.test(String(value)) ? [] : [mismatch(at, message, String(value))]);
}

/** A text that can be read as something: `isValid` tells, `message` says what it must be. */
export function readable(isValid: (text: string) => boolean, message: string): AttributeCheck {
  return (value, at) =>
    isValid(String(value)) ? [] : [mismatch(at, message, JSON.stringify(String(value)))];
}

/** At least so many bytes of text. */
export function atLeastBytes(least: number): AttributeCheck {
  return (value, at) => {
    const length = Buffer.byteLength(String(value));
    return length >= least ? [] : [lengthProblem(at, `string length must be at least ${least}`, length)];
  };
}

/** At least so many characters of text. */
function atLeastCharacters(least: number): AttributeCheck {
  return (value, at) => {
    const { length } = [...String(value)];
    return length >= least
      ? []
      : [lengthProblem(at, `UTF-8 character count must be at least ${least}`, length)];
  };
}

/** A number from `least` to `most`. */
export function between(least: number, most: number): AttributeCheck {
  return (value, at) => {
    const number = toNumber(value);
    return number >= least && number <= most
      ? []
      : [badValue(at, `value must be between ${least} and ${most}`, number)];
  };
}

/** A number not below `least`. */
export function atLeast(least: number): AttributeCheck {
  return (value, at) =>
    toNumber(value) >= least ? [] : [badValue(at, `value must be at least ${least}`, toNumber(value))];
}

/** At least so many elements of a set or map. */
export function atLeastElements(least: number): AttributeCheck {
  return (value, at) => {
    const [kind, count] = isList(value)
      ? ["set", value.length]
      : ["map", isObject(value) ? Object.keys(value).length : 0];
    return count >= least ? [] : [badValue(at, `${kind} must contain at least ${least} elements`, count)];
  };
}

/** Every element of a set passes the check. */
export function everyElement(check: AttributeCheck): AttributeCheck {
  return (value, at) =>
    elementsOf(value).flatMap((item) =>
      check(item, { ...at, name: `${at.name}[Value(${JSON.stringify(item)})]` }),
    );
}

/** Every key of a map passes the check. */
export function everyKey(check: AttributeCheck): AttributeCheck {
  return (value, at) =>
    Object.keys(isObject(value) ? value : {}).flatMap((key) => check(key, ofKey(at, key)));
}

/** Every value of a map passes the check. */
export function everyValue(check: AttributeCheck): AttributeCheck {
  return (value, at) =>
    Object.entries(isObject(value) ? value : {}).flatMap(([key, item]) =>
      item === null || isUnknown(item) ? [] : check(item, ofKey(at, key)),
    );
}

/** Another attribute must be configured along with this one. */
export function alongWith(other: string): AttributeCheck {
  return (_value, { config, name, path }) =>
    (config[other] ?? null) !== null
      ? []
      : [
          {
            severity: "ERROR",
            summary: "Invalid Attribute Combination",
            detail: `Attribute "${other}" must be specified when "${name}" is specified`,
            path,
          },
        ];
}

/** A comment: something, without white space around it. */
export const comment: readonly AttributeCheck[] = [
  atLeastCharacters(1),
  matching(/^\S|^$/, "must not start with whitespace"),
  matching(/\S$|^$/, "must not end with whitespace"),
];

function ofKey(at: CheckedPlace, key: string): CheckedPlace {
  return { ...at, name: `${at.name}[${JSON.stringify(key)}]` };
}

function elementsOf(value: Value): readonly Value[] {
  return isList(value) ? value.filter((item) => item !== null && !isUnknown(item)) : [];
}

function toNumber(value: Value): number {
  return Number(value instanceof Decimal ? value.text : value);
}

function mismatch(at: CheckedPlace, rule: string, value: string): Diagnostic {
  return problem("Invalid Attribute Value Match", at, rule, value);
}

function badValue(at: CheckedPlace, rule: string, value: number): Diagnostic {
  return problem("Invalid Attribute Value", at, rule, String(value));
}

function lengthProblem(at: CheckedPlace, rule: string, length: number): Diagnostic {
  return problem("Invalid Attribute Value Length", at, rule, String(length));
}

function problem(summary: string, { name, path }: CheckedPlace, rule: string, value: string): Diagnostic {
  return { severity: "ERROR", summary, detail: `Attribute ${name} ${rule}, got: ${value}`, path };
}
