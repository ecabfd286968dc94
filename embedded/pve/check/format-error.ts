/** A value does not fit its format; the message is Proxmox VE's, without the closing line feed. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}
