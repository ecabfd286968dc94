const units: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** The bytes of a size as the server writes it: "20G", "512M", "4194304". Throws on anything else. */
export function parseDiskSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:([kmgt])(?:i?b)?)?$/i.exec(text);
  if (match === null) throw new Error(`cannot parse disk size "${text}"`);
  return Math.ceil(Number(match[1]) * (units[(match[2] ?? "").toLowerCase()] ?? 1));
}

/** A size in the largest unit that leaves at least 1, rounded up to hundredths: "4.01G". */
export function formatDiskSize(bytes: number): string {
  const [unit, size] = Object.entries(units).findLast(([, unitSize]) => bytes >= unitSize) ?? ["", 1];
  return `${Math.ceil((bytes / size) * 100) / 100}${unit.toUpperCase()}`;
}

/** Whole MiB of so many bytes. */
export function inMebibytes(bytes: number): number {
  return Math.floor(bytes / 1024 ** 2);
}

/** Whole GiB of so many bytes. */
export function inGibibytes(bytes: number): number {
  return Math.floor(bytes / 1024 ** 3);
}
