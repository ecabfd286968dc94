import { listSpecFiles } from "./list-spec-files.ts";
import { readDocument } from "./read-document.ts";

/** A file that describes a machine, as far as it can be told. */
export interface Description {
  readonly stack: string;
  /** Path relative to the root, with forward slashes. */
  readonly file: string;
  readonly name: string;
  /** Undefined while the file cannot be read or says none. */
  readonly vmId: number | undefined;
}

/**
 * Every machine's file under vm-specs/ with its VMID, whatever else is wrong there: what a spec describes must not be
 * destroyed because another key of it is misspelled.
 */
export function whereDescribed(root: string): Description[] {
  return listSpecFiles(root).stacks.flatMap(({ name: stack, machines }) =>
    machines.map((file): Description => {
      const document = readDocument(root, file);
      const written = "layer" in document ? document.layer.value : {};
      const { vmId, name } = written;
      return {
        stack,
        file,
        name: typeof name === "string" ? name : (file.split("/").at(-1) ?? file).replace(/\.json$/, ""),
        vmId: typeof vmId === "number" ? vmId : undefined,
      };
    }),
  );
}
