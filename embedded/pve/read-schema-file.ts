import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Reads one of the data files in `schema/`, whose shapes the reading modules know. */
export function readSchemaFile<T>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, "schema", name), "utf8"));
}
