import type { NixosSpec } from "../specs/vm-spec.ts";
import type { GuestConnection } from "./connection.ts";
import { readFields } from "./fields.ts";
import { askScript, runScript } from "./run-script.ts";

type HealthCheck = NixosSpec["health"][number];

/** How one health check of a spec came out. */
interface HealthAnswer {
  readonly kind: "unit" | "http" | "tcp" | "command";
  readonly question: string;
  readonly isHealthy: boolean;
  /** Tries that it took. */
  readonly tries: number;
  /** Why it failed; "" if it did not. */
  readonly reason: string;
}

/** What a machine's health checks say, and which of its units have failed. */
export interface Health {
  readonly checks: readonly HealthAnswer[];
  readonly failedUnits: readonly string[];
}

const askTimeoutMs = 30_000;
/** The connection's own share of a try, besides the check's deadline. */
const graceMs = 10_000;
const pauseMs = 1000;

/** Runs the health checks of a machine's spec once more, as the hook does after an activation, and looks for failed units. */
export async function checkHealth(
  connection: GuestConnection,
  checks: readonly HealthCheck[],
): Promise<Health> {
  const answers: HealthAnswer[] = [];
  for (const check of checks) answers.push(await ask(connection, check));
  const units = await askScript(connection, { words: ["failed_units"], timeoutMs: askTimeoutMs });
  return { checks: answers, failedUnits: readFields(units).all("unit") };
}

async function ask(connection: GuestConnection, check: HealthCheck): Promise<HealthAnswer> {
  const { kind, question } = questionOf(check);
  const { retries, timeoutSeconds } = check;
  const call = {
    words: ["health", kind, String(timeoutSeconds), question],
    timeoutMs: timeoutSeconds * 1000 + graceMs,
  };
  for (let tries = 1; ; tries += 1) {
    const { exitCode, stdout, stderr } = await runScript(connection, call);
    if (exitCode === 0) return { kind, question, isHealthy: true, tries, reason: "" };
    if (tries > retries) {
      const words = `${stdout.text()}\n${stderr.text()}`.trim().split("\n").at(-1) ?? "";
      return { kind, question, isHealthy: false, tries, reason: words || `exit code ${exitCode ?? "none"}` };
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function questionOf(check: HealthCheck): Pick<HealthAnswer, "kind" | "question"> {
  if ("unit" in check) return { kind: "unit", question: check.unit };
  if ("http" in check) return { kind: "http", question: check.http };
  if ("tcp" in check) return { kind: "tcp", question: check.tcp };
  return { kind: "command", question: check.command };
}
