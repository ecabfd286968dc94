import {
  atLeastElements,
  between,
  everyKey,
  everyValue,
  matching,
} from "../../framework/attribute-checks.ts";
import type { AttributeCheck } from "../../framework/attribute-rules.ts";

/** A name of a group or rule of high availability. */
export const haName: AttributeCheck = matching(
  /^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]$/,
  "must start with a letter, end with a letter or number, be composed of letters, numbers, '-', '_' and '.', and must be at least 2 characters long",
);

/** A map of node names to priorities. */
export const nodeMap: readonly AttributeCheck[] = [
  atLeastElements(1),
  everyKey(matching(/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/, "must be a valid Proxmox node name")),
  everyValue(between(0, 1000)),
];
