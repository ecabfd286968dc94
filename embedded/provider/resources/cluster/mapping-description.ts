/** Percent-encodes what the server would garble: control characters, "%" and everything beyond ASCII. */
export function encodeDescription(text: string): string {
  return [...Buffer.from(text, "utf8")]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e || byte === 0x25
        ? `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
        : String.fromCharCode(byte),
    )
    .join("");
}

/** Reads it back; a text that is not encoded like that stays as it is. */
export function decodeDescription(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
