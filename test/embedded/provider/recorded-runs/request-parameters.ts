/**
 * The parameters of a request by name: those of its query and its form, or the parts of an upload, of which a file
 * shows as its name and its size. A name that occurs several times holds all values, joined by " + ".
 */
export function requestParameters(
  query: URLSearchParams,
  contentType: string | undefined,
  body: string,
): Readonly<Record<string, string>> {
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(contentType ?? "")?.[1];
  const sent = boundary === undefined ? new URLSearchParams(body) : uploadParts(body, boundary);
  const parameters: Record<string, string> = {};
  for (const [name, value] of [...query, ...sent]) {
    parameters[name] = name in parameters ? `${parameters[name]} + ${value}` : value;
  }
  return parameters;
}

function uploadParts(body: string, boundary: string): readonly (readonly [string, string])[] {
  return body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = "", ...rest] = part.split("\r\n\r\n");
      const content = rest.join("\r\n\r\n").replace(/\r\n$/, "");
      const name = / name="([^"]*)"/.exec(head)?.[1] ?? "";
      const file = / filename="([^"]*)"/.exec(head)?.[1];
      return [name, file === undefined ? content : `${file}, ${Buffer.byteLength(content)} bytes`] as const;
    });
}
