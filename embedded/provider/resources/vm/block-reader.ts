import type { VmConfig } from "../../api/vm-api.ts";
import type { ResourceData } from "../../legacy/resource-data.ts";
import type { ValueObject } from "../../wire/value.ts";

/** What reading a block of a VM needs. */
export interface BlockReader {
  readonly data: ResourceData;
  readonly config: VmConfig;
  readonly isClone: boolean;
}

/** Whether the state has the block. */
export function hasBlock({ data }: BlockReader, attribute: string): boolean {
  return data.now.blocks(attribute).length > 0;
}

/**
 * Records a block that the server has. A state without the block gets it only if the VM is no clone and the block is
 * unusual: what a template brought or the server assumes anyway is no drift.
 */
export function recordBlock(
  reader: BlockReader,
  attribute: string,
  block: ValueObject,
  isUnusual: boolean,
): void {
  if (hasBlock(reader, attribute) || (!reader.isClone && isUnusual)) reader.data.set(attribute, [block]);
}

/** Whether a block differs from the usual values in any of them. */
export function differsFrom(usual: ValueObject, block: ValueObject): boolean {
  return Object.entries(usual).some(([key, value]) => block[key] !== value);
}

/** Whether the VM's list of blocks is read back at all. */
export function readsList(reader: BlockReader, attribute: string): boolean {
  return !reader.isClone || hasBlock(reader, attribute);
}

/** The text of a parameter, if the VM has it. */
export function configText({ config }: BlockReader, parameter: string): string | undefined {
  const value = config[parameter];
  return value === undefined ? undefined : String(value);
}
