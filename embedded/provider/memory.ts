/** Texts that a resource keeps beside its state: Terraform stores them and gives them back, and shows them to nobody. */
export type Memory = Readonly<Record<string, string>>;

/** Reads the private data of a resource; none, as after an import, is empty. */
export function memoryFromPrivate(bytes: Uint8Array | undefined): Memory {
  return bytes === undefined || bytes.length === 0
    ? {}
    : (JSON.parse(new TextDecoder().decode(bytes)) as Memory);
}

/** The private data that Terraform stores. */
export function privateFromMemory(memory: Memory): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(memory));
}
