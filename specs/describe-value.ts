const maxLength = 60;

/** Shows a value in a message: as JSON, shortened, and never a private key or the credentials of a URL. */
export function describeValue(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  if (text.includes("PRIVATE KEY")) return "a private key (not shown)";
  const shown = text.replace(/:\/\/[^/@\s"]*@/g, "://***@");
  return shown.length <= maxLength ? shown : `${shown.slice(0, maxLength)}...`;
}
