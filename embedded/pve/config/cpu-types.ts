import { readSchemaFile } from "../read-schema-file.ts";

/** Vendor to the CPU models that Proxmox VE 9.2 names. */
export const cpuModelsByVendor: Readonly<Record<string, readonly string[]>> =
  readSchemaFile("cpu-models.json");

/** Every CPU type that needs no `custom-` prefix. */
export const builtInCpuTypes: readonly string[] = Object.values(cpuModelsByVendor).flat();
