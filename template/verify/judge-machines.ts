import type { TemplateMarker } from "../template-marker.ts";

/** What was found in one throw-away clone. */
export interface CloneFacts {
  readonly vmId: number;
  /** `id` of the operating system; undefined when no agent answered in time. */
  readonly osId: string | undefined;
  readonly marker: TemplateMarker | undefined;
  /** Text of /run/cloud-init/result.json; undefined when it never came. */
  readonly cloudInitResult: string | undefined;
  /** Size of the root file system; undefined when the agent does not tell. */
  readonly rootBytes: number | undefined;
  /** Size of the disk before it was grown. */
  readonly templateDiskBytes: number;
  readonly machineId: string | undefined;
  readonly hostKey: string | undefined;
  /** Why nobody could log in with the throw-away key; "" when it went well. */
  readonly loginProblem: string;
}

/** One thing that was looked at. */
export interface Check {
  readonly name: "agent" | "marker" | "cloud-init" | "root-growth" | "login" | "machine-id" | "host-keys";
  /** What is wrong; "" when nothing is. */
  readonly problem: string;
}

/** Judges what the clones of a template show; `version` is the name that the template should carry inside. */
export function judgeMachines(clones: readonly CloneFacts[], version: string): Check[] {
  const each = (problemOf: (clone: CloneFacts) => string): string =>
    clones
      .map((clone) => [clone.vmId, problemOf(clone)] as const)
      .filter(([, problem]) => problem !== "")
      .map(([vmId, problem]) => `${vmId}: ${problem}`)
      .join("; ");
  return [
    { name: "agent", problem: each(agentProblem) },
    { name: "marker", problem: each((clone) => markerProblem(clone, version)) },
    { name: "cloud-init", problem: each(cloudInitProblem) },
    { name: "root-growth", problem: each(growthProblem) },
    { name: "login", problem: each(({ loginProblem }) => loginProblem) },
    { name: "machine-id", problem: differenceProblem(clones.map(({ machineId }) => machineId)) },
    { name: "host-keys", problem: differenceProblem(clones.map(({ hostKey }) => hostKey)) },
  ];
}

function agentProblem({ osId }: CloneFacts): string {
  if (osId === undefined) return "the guest agent did not answer";
  return osId === "nixos" ? "" : `this is no NixOS, but "${osId}"`;
}

function markerProblem({ marker }: CloneFacts, version: string): string {
  if (marker === undefined) return "there is no /etc/nixos-template.json";
  if (marker.version === undefined || marker.version === version) return "";
  return `/etc/nixos-template.json says ${marker.version}`;
}

function cloudInitProblem({ cloudInitResult }: CloneFacts): string {
  if (cloudInitResult === undefined) return "cloud-init did not finish";
  const result = parseResult(cloudInitResult);
  if (result === undefined) return "cloud-init's result cannot be read";
  if (!result.datasource) return "cloud-init found no data";
  return (result.errors ?? []).join(", ");
}

interface CloudInitResult {
  readonly datasource?: string | null;
  readonly errors?: readonly string[];
}

function parseResult(text: string): CloudInitResult | undefined {
  try {
    return (JSON.parse(text) as { readonly v1?: CloudInitResult }).v1;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const gibibyte = 1024 ** 3;

/** The disk got several GiB more than this, so a file system that grew is well above it, boot partition and all. */
function growthProblem({ rootBytes, templateDiskBytes }: CloneFacts): string {
  if (rootBytes === undefined) return "the size of / is unknown";
  if (rootBytes >= templateDiskBytes + gibibyte) return "";
  return `/ has ${gibibytes(rootBytes)} on a disk that was grown beyond ${gibibytes(templateDiskBytes)}`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}

function differenceProblem(values: readonly (string | undefined)[]): string {
  if (values.some((value) => value === undefined || value === "")) return "a clone has none";
  return new Set(values).size === values.length ? "" : "two clones have the same";
}
