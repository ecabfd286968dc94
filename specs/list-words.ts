/** `"a", "b" or "c"`. */
export function listWords(words: readonly unknown[]): string {
  const shown = words.map((word) => JSON.stringify(word));
  if (shown.length <= 1) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}
