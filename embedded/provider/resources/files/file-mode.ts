import type { Check } from "../../legacy/field.ts";

/** A file mode in octal digits, without a prefix. */
export const fileMode: Check = (value) => {
  const text = String(value);
  if (!/^[+-]?\d+$/.test(text)) {
    const quoted = JSON.stringify(text);
    return [`failed to parse file mode ${quoted}: strconv.ParseInt: parsing ${quoted}: invalid syntax`];
  }
  const mode = Number(text);
  return mode >= 1 && mode <= 4_294_967_295
    ? []
    : [`"${text}" must be in the range (1 - 4294967295), got ${mode}`];
};
