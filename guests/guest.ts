/** A machine to log in to. */
export interface Guest {
  readonly stack: string;
  readonly vmId: number;
  readonly name: string;
  /** Address without prefix. */
  readonly address: string;
  /** Who logs in; another user than root needs sudo without a password. */
  readonly user: string;
}

/** `name (vmId)`, as people are told of a machine. */
export function describeGuest({ name, vmId }: Pick<Guest, "name" | "vmId">): string {
  return `${name} (${vmId})`;
}
