import { splitList } from "../check/split-list.ts";
import { parseNetworkDevice, printNetworkDevice } from "./network-device.ts";

type Normalize = (key: string, value: string | number) => string | number;

/** Lower-case, without duplicates, sorted; `;`, `,` and spaces separate. */
export function normalizeTags(text: string): string {
  return [...new Set(splitList(text.toLowerCase()))].sort().join(";");
}

/** Key family to what the server makes of a value. Families that are missing here are kept as sent. */
const normalizers: Readonly<Record<string, Normalize>> = {
  net: (key, value) => printNetworkDevice(parseNetworkDevice(key, String(value))),
  tags: (_, value) => normalizeTags(String(value)),
  description: (_, value) => String(value).trimEnd(),
  cipassword: () => "**********",
};

/** The value that the configuration holds after it was sent; drives are handled apart because they make volumes. */
export function normalizeValue(key: string, value: string | number): string | number {
  const normalize = normalizers[key.replace(/^net\d+$/, "net")];
  return normalize === undefined ? value : normalize(key, value);
}
