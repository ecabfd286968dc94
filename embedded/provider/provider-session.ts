import type { ApiClient } from "./api/api-client.ts";
import type { Deadline } from "./api/deadline.ts";

/** What one call to a configured provider works with. */
export interface ProviderSession {
  readonly api: ApiClient;
  /** Ends when Terraform is gone: nothing goes on without it. An interrupt alone ends nothing. */
  readonly lifetime: Deadline;
  /** How VMIDs are chosen where the configuration names none. */
  readonly vmIds: VmIdChoice;
  /** How the nodes' own SSH servers would be reached. */
  readonly ssh: SshSettings;
}

/** Settings of the provider's `ssh` block that show in its messages. */
interface SshSettings {
  readonly username: string;
  /** "host:port" by node name, where the block gives one. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** Settings of the choice of free VMIDs. */
interface VmIdChoice {
  readonly isRandom: boolean;
  readonly first: number;
  readonly end: number;
}
