/** An answer of the server that the real provider's types do not fit; the message is that of its decoder. */
export class DecodeFailure extends Error {
  override readonly name = "DecodeFailure";
}
