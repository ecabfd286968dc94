/** Values that differ from run to run, by shape. */
const randomTexts: readonly (readonly [RegExp, string])[] = [
  [/UPID:(\w+):[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:/g, "UPID:$1:<pid>:<pstart>:<time>:"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, "<uuid>"],
  [/\bBC:24:11(?::[0-9A-F]{2}){3}\b/gi, "<mac>"],
  [/\b(https?):\/\/127\.0\.0\.1:\d+\//g, "$1://127.0.0.1:<port>/"],
];

/** A text whose random parts are replaced by their shape. */
export function normalizeText(text: string): string {
  return randomTexts.reduce((result, [pattern, shape]) => result.replaceAll(pattern, shape), text);
}
