/** The end of a stream of text, with a limit on what is kept. */
export interface BoundedText {
  push(chunk: string): void;
  /** What was kept: the last characters. */
  text(): string;
  /** How many characters before that were dropped. */
  droppedChars(): number;
}

/** Keeps the last `maxChars` characters of what is pushed. */
export function keepEnd(maxChars: number): BoundedText {
  let kept = "";
  let seenChars = 0;
  return {
    push(chunk) {
      seenChars += chunk.length;
      kept += chunk;
      // Cut rarely: cutting at every chunk would copy all of it each time.
      if (kept.length > 2 * maxChars) kept = kept.slice(-maxChars);
    },
    text: () => (kept.length > maxChars ? kept.slice(-maxChars) : kept),
    droppedChars: () => Math.max(0, seenChars - maxChars),
  };
}
