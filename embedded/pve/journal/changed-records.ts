import type { Cluster } from "../state/cluster.ts";
import { copyRecord, isSameRecord } from "./record-copy.ts";
import { finalStamp, keptSections } from "./state-sections.ts";

/** A record that is new, changed or gone. */
export interface Change {
  readonly section: string;
  readonly key: unknown;
  /** The record as it is now; undefined when it is gone. */
  readonly copy: unknown;
}

/** What is written of a cluster. */
export interface Comparison {
  /** Records that are not as they are written. */
  changes(): Change[];
  /** Notes that these are written now. */
  note(changes: readonly Change[]): void;
}

/** A record that is one by itself has this key. */
const whole = null;

/** A record that changes no more. */
interface Final {
  readonly item: unknown;
  readonly stamp: number;
}

/** What is written of a record, and which place it has among those of its section. */
type Known = ({ readonly copy: unknown } | Final) & { readonly place: number };

/** In the order of their places. */
type Written = Map<unknown, Known>;

function recordsOf(value: unknown): Iterable<readonly [unknown, unknown]> {
  return value instanceof Map ? value : [[whole, value]];
}

function isAsWritten(section: string, item: unknown, written: Written, key: unknown): boolean {
  const known = written.get(key);
  if (known === undefined) return false;
  if ("stamp" in known) return known.item === item && finalStamp(section, item) === known.stamp;
  if (!isSameRecord(item, known.copy)) return false;
  const stamp = finalStamp(section, item);
  if (stamp !== undefined) written.set(key, { item, stamp, place: known.place });
  return true;
}

/** Takes everything out and puts it in again, in the order of now. */
function rewriteAll(section: string, value: unknown, written: Written): Change[] {
  const removed = [...written.keys()].map((key) => ({ section, key, copy: undefined }));
  const added = [...recordsOf(value)].map(([key, item]) => ({ section, key, copy: copyRecord(item) }));
  return [...removed, ...added];
}

function changesIn(section: string, value: unknown, written: Written): Change[] {
  const changes: Change[] = [];
  let [count, added, lastPlace] = [0, 0, -1];
  for (const [key, item] of recordsOf(value)) {
    count += 1;
    const place = written.get(key)?.place;
    // A record that was made again under its old key stands behind the others now.
    if (place !== undefined && place < lastPlace) return rewriteAll(section, value, written);
    lastPlace = place ?? lastPlace;
    if (isAsWritten(section, item, written, key)) continue;
    if (place === undefined) added += 1;
    changes.push({ section, key, copy: copyRecord(item) });
  }
  if (written.size + added === count || !(value instanceof Map)) return changes;
  const gone = [...written.keys()].filter((key) => !value.has(key));
  return [...changes, ...gone.map((key) => ({ section, key, copy: undefined }))];
}

/** Makes a comparison of a cluster with what is written of it: nothing so far. */
export function createComparison(cluster: Cluster): Comparison {
  const sections = new Map(
    keptSections(cluster).map(([name, value]) => [name, { value, written: new Map() as Written }]),
  );
  let places = 0;
  return {
    changes: () => [...sections].flatMap(([name, { value, written }]) => changesIn(name, value, written)),
    note: (changes) => {
      for (const { section, key, copy } of changes) {
        const written = sections.get(section)?.written;
        if (copy === undefined) written?.delete(key);
        else written?.set(key, { copy, place: written.get(key)?.place ?? places++ });
      }
    },
  };
}
