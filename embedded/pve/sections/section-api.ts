import type { Call } from "../endpoints/endpoint.ts";
import type { ApiError } from "../http/api-error.ts";
import type { Section, SectionFiles, SectionValues } from "../state/section.ts";

/** What Proxmox VE says about an id, each for its own call. */
interface SectionWords {
  /** Creating one that is there already. */
  readonly taken: (id: string) => ApiError;
  /** Reading one that is not there. */
  readonly unread: (id: string) => ApiError;
  /** Changing one that is not there. */
  readonly missing: (id: string) => ApiError;
  /** Put before whatever goes wrong while the file is held; undefined lets it through as it is. */
  readonly createFailed?: string;
  readonly updateFailed?: string;
}

/** One kind of section, and how the API serves it. */
export interface SectionApi {
  /** `/cluster/mapping/pci`; a single one lies below it, by its id. */
  readonly path: string;
  /** Where a new one is posted to. @default path */
  readonly createPath?: string;
  readonly idName: string;
  readonly file: keyof SectionFiles;
  readonly words: SectionWords;
  readonly typeOf: (call: Call, id: string) => string;
  /** The id that a call means. @default the parameter as sent */
  readonly idOf?: (call: Call) => string;
  /** Checks the settings of a create (`isNew`) or update call before the file is held; returns them as they are kept. */
  readonly prepare?: (call: Call, id: string, settings: SectionValues, isNew: boolean) => SectionValues;
  /** Checks the section as it will be; `settings` are those of this call. */
  readonly verify?: (call: Call, section: Section, settings: Readonly<SectionValues>, isNew: boolean) => void;
  /** What a reader gets. */
  readonly present: (call: Call, section: Section, digest: string) => Record<string, unknown>;
  /** @default present */
  readonly presentInList?: (call: Call, section: Section, digest: string) => Record<string, unknown>;
  /** True for what a list shows the caller. @default all */
  readonly isVisible?: (call: Call, section: Section) => boolean;
  /** @throws ApiError for callers without rights that the schema does not name. */
  readonly checkRight?: (call: Call, id: string, right: "read" | "change") => void;
  /** Removes what a `delete` parameter names. @default every option that is not required */
  readonly deleteSettings?: (values: SectionValues, names: readonly string[]) => void;
  /** @default takes it out; one that is not there is no error */
  readonly remove?: (call: Call, id: string) => void;
  /** Called before every call, for what happens to the file by itself. */
  readonly settle?: (call: Call) => void;
  /** Called after every change. */
  readonly changed?: (call: Call) => void;
}
