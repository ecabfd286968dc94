import { cpSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { callApi } from "./call-api.ts";
import { StackUnderTest } from "./stack-of.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "./test-repository.ts";

const golden = resolve("test/golden");
const situations = readdirSync(golden);

// One binary a situation, in turn: what differs between the two is in the story of a machine's life.
const binaries = terraformBinaries();
const cases = situations.map((situation, index) => {
  const binary = binaries[index % binaries.length] ?? "tofu";
  return [situation, basename(binary), binary] as const;
});

async function repositoryOf(situation: string, binary: string): Promise<TestRepository> {
  const repository = await createTestRepository(binary, {});
  cpSync(join(golden, situation), repository.root, { recursive: true });
  // What runs inside the machines has tests of its own.
  repository.write("scripts/hooks/post-apply.sh", "#!/usr/bin/env bash\nexit 0\n");
  return repository;
}

/** States of S3, PostgreSQL and HTTP are out of reach here; Terraform merges this file over the backend block. */
function keepStateHere(repository: TestRepository, stack: string): void {
  const local = { terraform: { backend: { local: { path: "here.tfstate" } } } };
  repository.write(`cdktf.out/stacks/${stack}/backend_override.tf.json`, local);
}

function endpointIsOurs(situation: string): boolean {
  return !readFileSync(join(golden, situation, "vm-specs", "_site.json"), "utf8").includes('"endpoint"');
}

describe("over the embedded provider", () => {
  test.each(cases)("%s validates, applies and then plans nothing (%s)", async (situation, _, binary) => {
    const repository = await repositoryOf(situation, binary);
    try {
      await callApi(repository, "POST", "pools", { poolid: "prod" });
      const first = new StackUnderTest(repository, "any");
      await first.synth();
      for (const name of readdirSync(join(repository.root, "cdktf.out", "stacks"))) {
        keepStateHere(repository, name);
        const stack = new StackUnderTest(repository, name);
        await stack.init();
        const validated = await stack.terraform("validate", "-no-color");
        expect(validated.exitCode, validated.all).toBe(0);
        if (!endpointIsOurs(situation)) continue;
        const applied = await stack.apply();
        expect(applied.exitCode, applied.all).toBe(0);
        expect(await stack.plan()).toEqual([]);
      }
    } finally {
      await repository.close();
    }
  });
});
