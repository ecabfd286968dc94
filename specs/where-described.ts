import { join } from "node:path";
import { listSpecFiles } from "./list-spec-files.ts";
import { readDocument } from "./read-document.ts";
import { readText } from "./read-text.ts";

/** A file that describes a machine, as far as it can be told. */
export interface Description {
  readonly stack: string;
  /** Path relative to the root, with forward slashes. */
  readonly file: string;
  /** Undefined while the file says none, not even between mistakes. */
  readonly vmId: number | undefined;
}

/**
 * Every machine's file under vm-specs/ with its VMID, whatever else is wrong there: what a spec describes must not be
 * destroyed because a comma of it is missing.
 */
export function whereDescribed(root: string): Description[] {
  return listSpecFiles(root).stacks.flatMap(({ name: stack, machines }) =>
    machines.map((file): Description => ({ stack, file, vmId: vmIdIn(root, file) })),
  );
}

function vmIdIn(root: string, file: string): number | undefined {
  const document = readDocument(root, file);
  if ("layer" in document) {
    const { vmId } = document.layer.value;
    return typeof vmId === "number" ? vmId : undefined;
  }
  const content = readText(join(root, file));
  const written = "text" in content ? /"vmId"\s*:\s*(\d+)/.exec(content.text)?.[1] : undefined;
  return written === undefined ? undefined : Number(written);
}
