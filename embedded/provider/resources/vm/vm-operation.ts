import type { Deadline } from "../../api/deadline.ts";
import type { ResourceData } from "../../legacy/resource-data.ts";
import type { ProviderSession } from "../../provider-session.ts";
import type { Diagnostic } from "../../wire/diagnostic.ts";

/** What every step of an operation on a VM works with. */
export interface VmOperation {
  readonly data: ResourceData;
  readonly session: ProviderSession;
  readonly deadline: Deadline;
  readonly warn: (diagnostic: Diagnostic) => void;
}
