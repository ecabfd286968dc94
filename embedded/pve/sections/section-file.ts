import { createHash } from "node:crypto";
import { failure } from "../http/api-error.ts";
import type { Section, SectionValue, SectionValues } from "../state/section.ts";

/** What the options of a section's type are like: name to whether it must be there. */
export type SectionOptions = ReadonlyMap<string, { readonly isRequired: boolean }>;

/** The section of that id. */
export function findSection(file: readonly Section[], id: string): Section | undefined {
  return file.find((section) => section.id === id);
}

/** Takes a section out; one that is not there is no error. */
export function removeSection(file: Section[], id: string): void {
  const at = file.findIndex((section) => section.id === id);
  if (at >= 0) file.splice(at, 1);
}

function printOption(key: string, value: SectionValue): string {
  const lines = Array.isArray(value) ? value : [value];
  return lines.map((line) => (line === "" ? "" : `\t${key} ${line}\n`)).join("");
}

/** Comment first, then `disable`, what must be there, and the rest, each by name (pve-common 9, write_config). */
function printSection({ id, type, values }: Section, options: SectionOptions): string {
  const { comment, disable, ...rest } = values;
  const keys = Object.keys(rest).sort();
  const isRequired = (key: string) => options.get(key)?.isRequired === true;
  const ordered = [...keys.filter(isRequired), ...keys.filter((key) => !isRequired(key))];
  const lines = ordered.map((key) => printOption(key, rest[key] ?? ""));
  const heading = `${type}: ${id.slice(id.indexOf(":") + 1)}\n`;
  return [
    heading,
    comment === undefined ? "" : printOption("comment", comment),
    disable === 1 ? "\tdisable\n" : "",
    ...lines,
  ].join("");
}

/** SHA-1 of the file as Proxmox VE would write it. */
export function fileDigest(file: readonly Section[], options: (type: string) => SectionOptions): string {
  const text = file.map((section) => `${printSection(section, options(section.type))}\n`).join("");
  return createHash("sha1").update(text).digest("hex");
}

/** @throws ApiError 500 when the caller's digest is not the current one. */
export function checkUnchanged(current: string, sent: string | undefined): void {
  if (sent === undefined || sent === "" || sent === current) return;
  throw failure("detected modified configuration - file changed by other user? Try again.");
}

/**
 * Removes the settings that a `delete` parameter names.
 *
 * @throws ApiError 500 for names that are no options, required, or set in the same call.
 */
export function deleteOptions(
  values: SectionValues,
  names: readonly string[],
  options: SectionOptions,
  set: Readonly<SectionValues>,
): void {
  for (const name of names) {
    const option = options.get(name);
    if (option === undefined) throw failure(`no such option '${name}'`);
    if (option.isRequired) throw failure(`unable to delete required option '${name}'`);
    if (set[name] !== undefined) throw failure(`cannot set and delete property '${name}' at the same time!`);
    delete values[name];
  }
}
