import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One exchange that a real Proxmox VE 9.2.11 answered. */
export interface Exchange {
  /** Number in the order of the run, and what it was about. */
  readonly name: string;
  readonly method: string;
  /** Path below `/api2/json`. */
  readonly path: string;
  readonly params?: Readonly<Record<string, string | number>>;
  readonly status: number;
  /** HTTP reason phrase. @default OK */
  readonly reason?: string;
  /** Whole body of a 200. */
  readonly body?: unknown;
  /** Parameter errors of a 400. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Body's message where it is not the reason with a line feed. */
  readonly message?: string;
  /** The answer had no body. */
  readonly bare?: boolean;
}

const folder = join(import.meta.dirname, "../../../recordings/pve");

/** Every recorded exchange, in the order of the stories. */
export function readExchanges(): Exchange[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".jsonl"))
    .sort()
    .flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line): Exchange => JSON.parse(line));
}

/** The whole body that a recorded answer had. */
export function recordedBody({ status, reason, body, errors, message, bare }: Exchange): unknown {
  if (bare) return undefined;
  if (status === 200) return body;
  return { data: null, message: message ?? `${reason}\n`, ...(errors === undefined ? {} : { errors }) };
}
