import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect } from "vitest";
import { callApi } from "../e2e/call-api.ts";
import { machine, site } from "../e2e/machine-specs.ts";
import { terraformBinaries } from "../e2e/terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "../e2e/test-repository.ts";
import { until } from "./until.ts";
import { WatcherProcess } from "./watcher-process.ts";

const edit = fc.record({
  what: fc.constantFrom("write", "write", "delete", "rename", "break", "cut"),
  stack: fc.constantFrom("alpha", "beta"),
  slot: fc.integer({ min: 1, max: 3 }),
  /** Until the next one; most come in bursts. */
  pauseMs: fc.constantFrom(0, 0, 0, 20, 150, 600),
});

type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

/** What the specs say: for each machine its file and its description; undefined while the file is broken. */
class SpecModel {
  readonly #repository: TestRepository;
  readonly #files = new Map<number, { file: string; description: string; isBroken: boolean }>();
  #count = 0;

  constructor(repository: TestRepository) {
    this.#repository = repository;
  }

  do({ what, stack, slot }: Edit): void {
    const vmId = (stack === "alpha" ? 100 : 150) + slot;
    const known = this.#files.get(vmId);
    if (what === "write" || known === undefined) this.#write(vmId, stack, known?.file);
    else if (what === "delete") this.#delete(vmId, known.file);
    else if (what === "rename") {
      this.#delete(vmId, known.file);
      this.#write(vmId, stack);
    } else this.#spoil(vmId, what === "break" ? "{ no json" : '{ "vmId": ');
  }

  /** Makes every broken file whole again. */
  mend(): void {
    for (const [vmId, { file, isBroken }] of this.#files)
      if (isBroken) this.#write(vmId, file.split("/")[1] ?? "", file);
  }

  /** Descriptions by VMID. */
  wanted(): Record<number, string> {
    const all = [...this.#files].toSorted(([one], [other]) => one - other);
    return Object.fromEntries(all.map(([vmId, { description }]) => [vmId, description]));
  }

  #write(vmId: number, stack: string, former?: string): void {
    this.#count++;
    const description = `edit ${this.#count}`;
    const file = former ?? `vm-specs/${stack}/m${vmId}-${this.#count}.json`;
    this.#repository.write(file, machine(vmId, { nixos: false, name: `m${vmId}`, description }));
    this.#files.set(vmId, { file, description, isBroken: false });
  }

  #delete(vmId: number, file: string): void {
    this.#repository.remove(file);
    this.#files.delete(vmId);
  }

  #spoil(vmId: number, text: string): void {
    const known = this.#files.get(vmId);
    if (known === undefined) return;
    this.#repository.write(known.file, text);
    this.#files.set(vmId, { ...known, isBroken: true });
  }
}

async function machinesOf(repository: TestRepository): Promise<Record<number, string>> {
  const listed = (await callApi(repository, "GET", "nodes/pve1/qemu")) as { vmid: number }[];
  const own = listed.map(({ vmid }) => vmid).filter((vmId) => vmId < 9000);
  const read = own.toSorted().map(async (vmId) => {
    const config = await callApi(repository, "GET", `nodes/pve1/qemu/${vmId}/config`);
    return [vmId, (config as { description: string }).description.trim()] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/**
 * Edits, deletes, renames and spoils specs at random under a running watcher, whose policy lets everything through, and
 * expects the cluster to be as the specs say once everything is mended and quiet.
 */
export async function expectWatcherToFollow(edits: number, seed: number): Promise<void> {
  const [binary = "tofu"] = terraformBinaries();
  const watch = { quietMs: 100, longestWaitMs: 1000, retrySeconds: 0.2, driftEverySeconds: 0 };
  const policy = { destroy: { most: 1000 } };
  const repository = await createTestRepository(binary, { _site: { ...site, watch, policy } });
  const model = new SpecModel(repository);
  repository.write("vm-specs/alpha/_defaults.json", {});
  repository.write("vm-specs/beta/_defaults.json", {});
  const watcher = new WatcherProcess(repository, [], 120_000 + edits * 1000);
  try {
    for (const each of fc.sample(edit, { numRuns: edits, seed })) {
      model.do(each);
      await sleep(each.pauseMs);
    }
    model.mend();
    const wanted = model.wanted();
    let last = {};
    const isAsWanted = async () => {
      last = await machinesOf(repository);
      return JSON.stringify(last) === JSON.stringify(wanted) ? true : undefined;
    };
    await until(isAsWanted, { what: () => `${JSON.stringify(wanted)} instead of ${JSON.stringify(last)}` });
    for (const stack of ["alpha", "beta"]) await watcher.untilStack(stack, ({ type }) => type === "Ready");
    expect(await watcher.end()).toBe(0);
  } finally {
    await watcher.end();
    await repository.close();
  }
}
