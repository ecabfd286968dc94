import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { stringify } from "yaml";
import type { Session } from "../../run-session.ts";
import { synthesize } from "../synthesize.ts";
import { describeFleet, type ExportedFleet } from "./exported-stack.ts";

interface ExportRequest {
  /** The command that writes the file again. */
  readonly command: string;
  /** File to write; "-" is stdout. */
  readonly out: string;
  /** The documents of the file. */
  readonly documents: (fleet: ExportedFleet) => readonly object[];
}

/**
 * Synthesises and writes what another engine needs to know about the stacks, in YAML.
 * @throws INVALID_INPUT, SYNTH_FAILED, USAGE
 */
export async function exportStacks(session: Session, request: ExportRequest): Promise<number> {
  const { root, interrupt, report, screen } = session;
  await synthesize({ root, interrupt, onLine: (text) => report({ event: "note", text }) });
  const fleet = await describeFleet(root);
  const text = format(request.documents(fleet), request.command);
  if (request.out === "-") {
    screen.print(text.trimEnd());
    return 0;
  }
  const file = resolve(request.out);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  screen.print(`${request.out}: ${fleet.stacks.map(({ name }) => name).join(", ") || "no stacks"}.`);
  tellLocalStates(fleet, session);
  return 0;
}

function format(documents: readonly object[], command: string): string {
  const head = `# Written by ${command}: run it again when stacks come or go, or when specs name other files.\n`;
  // Anchors would tie entries together that people may want to change apart.
  const bodies = documents.map((each) => stringify(each, { aliasDuplicateObjects: false, lineWidth: 0 }));
  return head + bodies.join("---\n");
}

/** A state in a file of the repository is lost with the copy of the repository that the engine makes. */
function tellLocalStates({ stacks }: ExportedFleet, { report }: Session): void {
  const local = stacks.filter(({ backend }) => backend === "local").map(({ name }) => name);
  if (local.length === 0) return;
  const text = `The state of ${local.join(", ")} is a file in the repository. Give _site.json a backend that other computers reach.`;
  report({ event: "note", text });
}
