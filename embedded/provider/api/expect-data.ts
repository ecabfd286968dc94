/** What the real provider says of an answer without data. */
export const noData = "the server did not include a data object in the response";

/** The data of an answer; throws when there is none. */
export function expectData(data: unknown): unknown {
  if (data === undefined) throw new Error(noData);
  return data;
}
