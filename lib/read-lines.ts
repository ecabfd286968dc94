/** A longer line arrives in pieces, so that a stream without newlines cannot fill the memory. */
const longestLineChars = 1024 * 1024;

export interface LineReader {
  push(chunk: string): void;
  /** The stream ended: hands over what stands behind the last newline. */
  end(): void;
}

/** Cuts a stream of chunks into lines (without their `\n` or `\r\n`) and hands each to a function. */
export function readLines(onLine: (line: string) => void, maxLineChars = longestLineChars): LineReader {
  let rest = "";
  return {
    push(chunk) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
      while (rest.length > maxLineChars) {
        onLine(rest.slice(0, maxLineChars));
        rest = rest.slice(maxLineChars);
      }
    },
    end() {
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}
