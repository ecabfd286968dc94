import type { VmConfig } from "../../api/vm-api.ts";
import type { ResourceData } from "../../legacy/resource-data.ts";
import type { BlockReader } from "./block-reader.ts";
import { readCpu, readMemory } from "./read-cpu-memory.ts";
import { readAudio, readHostPci, readNuma, readSerial, readUsb, readVirtiofs } from "./read-device-lists.ts";
import { readCdrom, readTpmState } from "./read-drives.ts";
import { readRng, readSmbios } from "./read-rng-smbios.ts";
import {
  readAgent,
  readAmdSev,
  readOperatingSystem,
  readStartup,
  readVga,
  readWatchdog,
} from "./read-single-blocks.ts";

/** Every block of a VM that is read from its configuration alone. */
const blockReaders: readonly ((reader: BlockReader) => void)[] = [
  readAgent,
  readAmdSev,
  readAudio,
  readCdrom,
  readCpu,
  readNuma,
  readTpmState,
  readRng,
  readHostPci,
  readUsb,
  readVirtiofs,
  readMemory,
  readOperatingSystem,
  readSerial,
  readSmbios,
  readStartup,
  readVga,
  readWatchdog,
];

/** Reads the blocks of a VM's configuration. */
export function readBlocks(data: ResourceData, config: VmConfig): void {
  const isClone = data.now.block("clone") !== undefined;
  for (const read of blockReaders) read({ data, config, isClone });
}
