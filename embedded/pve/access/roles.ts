import { readSchemaFile } from "../read-schema-file.ts";

/** The roles that every Proxmox VE 9.2 has, name to privileges. */
export const builtInRoles: Readonly<Record<string, readonly string[]>> = readSchemaFile("roles.json");

/** Every privilege there is: those of the Administrator. */
export const privileges: readonly string[] = builtInRoles["Administrator"] ?? [];
