import { type JsonObject, pointerKeys, pointerOf } from "./json.ts";
import { mergePatch } from "./merge-patch.ts";

/** One file of a merge. */
export interface Layer {
  readonly file: string;
  readonly value: JsonObject;
}

/** A place in a file. */
export interface Place {
  readonly file: string;
  readonly pointer: string;
}

/** Merges layers by RFC 7396, the first one weakest. */
export function mergeLayers(layers: readonly Layer[]): JsonObject {
  return layers.reduce<JsonObject>((merged, layer) => mergePatch(merged, layer.value), {});
}

/**
 * Finds where the value at a pointer of the merged spec was written. A value that is written nowhere (a missing key, a built-in
 * default) is placed in the last layer, at what is there of its pointer.
 */
export function placeInLayers(layers: readonly Layer[], pointer: string): Place {
  const keys = pointerKeys(pointer);
  let place: Place = { file: "", pointer: "" };
  for (const layer of layers.toReversed()) {
    const walk = walkTo(layer.value, keys);
    const found = { file: layer.file, pointer: pointerOf(keys.slice(0, walk.depth)) };
    if (walk.decides) return found;
    if (place.file === "") place = found;
  }
  return place;
}

/** How deep the keys lead into one layer, and whether that layer alone decides what the merged value there is. */
function walkTo(value: JsonObject, keys: readonly string[]): { depth: number; decides: boolean } {
  let current: unknown = value;
  let isInList = false;
  for (const [depth, key] of keys.entries()) {
    isInList ||= Array.isArray(current);
    const isScalar = typeof current !== "object" || current === null;
    if (isScalar || !Object.hasOwn(current as object, key)) return { depth, decides: isScalar || isInList };
    current = (current as Readonly<Record<string, unknown>>)[key];
  }
  return { depth: keys.length, decides: true };
}
