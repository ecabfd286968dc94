import type { Codec } from "../../framework/parameter-table.ts";
import { isObject } from "../../wire/value.ts";

/** Nodes with their priorities: {"pve1": 2, "pve2": null} as "pve1:2,pve2". */
export const nodePriorities: Codec = {
  write: (value) =>
    isObject(value)
      ? Object.entries(value)
          .map(([node, priority]) => (priority === null ? node : `${node}:${String(priority)}`))
          .join(",")
      : undefined,
  read: (data) =>
    typeof data === "string"
      ? Object.fromEntries(
          data.split(",").map((entry) => {
            const [node = "", priority] = entry.split(":");
            return [node, priority === undefined ? null : Number(priority)];
          }),
        )
      : null,
};
