/** What /etc/nixos-template.json says; nix/modules/template.nix and packer/ write it. */
export interface TemplateMarker {
  readonly version?: string;
  readonly release?: string;
  readonly revision?: string;
  readonly nixpkgsRevision?: string;
  readonly created?: string;
}

/** Where every template, and so every machine that was cloned from one, has its marker. */
export const markerPath = "/etc/nixos-template.json";

/** Reads a marker; undefined when the text is none. */
export function parseMarker(text: string | undefined): TemplateMarker | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value).filter(([, part]) => typeof part === "string"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
