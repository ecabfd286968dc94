import { expect } from "vitest";
import type { TestRepository } from "./test-repository.ts";

interface ResourceChange {
  readonly address: string;
  readonly change: { readonly actions: readonly string[]; readonly before: unknown; readonly after: unknown };
}

/** Drives one stack of a repository with the binary itself, as `cdktf deploy`, Atlantis and others do. */
export class StackUnderTest {
  readonly #repository: TestRepository;
  readonly #folder: string;

  constructor(repository: TestRepository, stack: string) {
    this.#repository = repository;
    this.#folder = `cdktf.out/stacks/${stack}`;
  }

  async synth(): Promise<void> {
    const result = await this.#repository.run("node", ["stacks/main.ts"]);
    expect(result.exitCode, result.all).toBe(0);
  }

  async init(): Promise<void> {
    const result = await this.terraform("init", "-input=false");
    expect(result.exitCode, result.all).toBe(0);
  }

  terraform(...args: string[]) {
    const binary = this.#repository.environment["TERRAFORM_BINARY_NAME"] ?? "tofu";
    return this.#repository.run(binary, args, this.#folder);
  }

  /** The planned changes that are not no-ops, as `address: action+action`. */
  async plan(...args: string[]): Promise<string[]> {
    const planned = await this.terraform("plan", "-input=false", "-out=plan.bin", ...args);
    expect(planned.exitCode, planned.all).toBe(0);
    const shown = await this.terraform("show", "-json", "plan.bin");
    const changes: readonly ResourceChange[] = JSON.parse(shown.stdout).resource_changes ?? [];
    return changes
      .filter(({ change }) => change.actions.some((action) => action !== "no-op" && action !== "read"))
      .map(({ address, change }) => `${address}: ${change.actions.join("+")}`)
      .sort();
  }

  apply() {
    return this.terraform("apply", "-input=false", "-auto-approve");
  }

  /** Synthesises and applies, and expects both to succeed. */
  async deploy(): Promise<void> {
    await this.synth();
    await this.init();
    const result = await this.apply();
    expect(result.exitCode, result.all).toBe(0);
  }
}
