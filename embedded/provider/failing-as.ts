import { ProviderFailure } from "./failure.ts";

/** Runs a step and tells its failure under a summary of its own. */
export async function failingAs<Result>(summary: string, step: () => Promise<Result>): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof ProviderFailure) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new ProviderFailure([{ severity: "ERROR", summary, detail }]);
  }
}
