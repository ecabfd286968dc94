import type { ApiClient } from "./api/api-client.ts";
import type { Deadline } from "./api/deadline.ts";

/** What one call to a configured provider works with. */
export interface ProviderSession {
  readonly api: ApiClient;
  /** Ends when Terraform is gone: nothing goes on without it. An interrupt alone ends nothing. */
  readonly lifetime: Deadline;
  /** How VMIDs are chosen where the configuration names none. */
  readonly vmIds: VmIdChoice;
}

/** Settings of the choice of free VMIDs. */
interface VmIdChoice {
  readonly isRandom: boolean;
  readonly first: number;
  readonly end: number;
}
