import { distance } from "fastest-levenshtein";

/** ` (did you mean "disks"?)` if one of the known words is close to what was written, else "". */
export function didYouMean(written: string, known: readonly string[]): string {
  const allowed = Math.ceil(written.length / 3);
  const ranked = known
    .map((word) => ({ word, edits: distance(written.toLowerCase(), word.toLowerCase()) }))
    .filter(({ edits }) => edits <= allowed)
    .toSorted((a, b) => a.edits - b.edits);
  return ranked[0] === undefined ? "" : ` (did you mean "${ranked[0].word}"?)`;
}
