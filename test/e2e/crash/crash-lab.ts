import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import { setFaults } from "../../../embedded/pve/faults/set-faults.ts";
import { isTemplate, nameOf } from "../../../embedded/pve/state/vm.ts";
import { type RunningProvider, startProvider } from "../../../embedded/start-provider.ts";
import { readProgramRecords } from "../../../terraform/program-record.ts";
import { isAlive } from "../../is-alive.ts";
import { until } from "../../watch/until.ts";
import { machine, site } from "../machine-specs.ts";
import { createTestRepository, type TestRepository } from "../test-repository.ts";
import type { CrashedWork, CrashPoint, Victim } from "./crash-points.ts";

const program = resolve("cli/nixherd.js");
const stateFile = "terraform.demo.tfstate";
const hook = "scripts/hooks/post-apply.sh";
const runTimeoutMs = 150_000;
/** A killed activation holds its machine that long; loaded computers take half of it. */
const confirmSeconds = 30;

/** A run of nixherd, as far as it is looked at. */
type Run = Promise<unknown> & { readonly pid?: number | undefined };

/** What became of a run that was killed. */
export interface CrashResult {
  /** False when the run was over before its moment came. */
  readonly isKilled: boolean;
  /** Further runs until one succeeded. */
  readonly runs: number;
}

/** A repository with one machine (101) on a cluster of its own, whose runs are killed at chosen moments. */
export class CrashLab {
  readonly #binary: string;
  readonly #repository: TestRepository;
  #provider: RunningProvider;
  #revision = 0;

  static async open(binary: string): Promise<CrashLab> {
    const policy = { powerCycle: "allow" };
    const repository = await createTestRepository(binary, { _site: { ...site, policy } });
    return new CrashLab(binary, repository, await providerFor(repository));
  }

  private constructor(binary: string, repository: TestRepository, provider: RunningProvider) {
    this.#binary = binary;
    this.#repository = repository;
    this.#provider = provider;
  }

  async close(): Promise<void> {
    await this.#provider.stop();
    await this.#repository.close();
  }

  /** Makes the cluster what it is before this kind of work. */
  async prepare(work: CrashedWork): Promise<void> {
    const isThere = this.#repository.cluster.vms.has(101);
    this.#writeSpec(false);
    if (work === "create" && isThere) await this.#succeed("destroy");
    if (work !== "create" && !isThere) await this.#succeed("create");
  }

  /** Begins the work, kills the victim at the point, runs the work again until it succeeds, and checks what is there. */
  async crash({ work, at }: CrashPoint, victim: Victim): Promise<CrashResult> {
    if (work === "update") this.#revision += 1;
    this.#writeSpec("holds" in at);
    rmSync(join(this.#repository.root, ".nixherd/hooks"), { recursive: true, force: true });
    const { cluster } = this.#repository;
    if ("rule" in at) setFaults(cluster, { seed: 0, rules: [at.rule] });
    const run = this.#start(work);
    const isKilled = await this.#killAt(at, victim, run);
    setFaults(cluster, { seed: 0, rules: [] });
    await run;
    await this.#untilTerraformEnded();
    if (victim === "provider") await this.#renewProvider();
    const runs = await this.#succeed(work);
    await this.#check(work);
    return { isKilled, runs };
  }

  /** Every revision needs a power cycle and a larger disk. */
  #writeSpec(hasSystem: boolean): void {
    const revision = this.#revision;
    // Where the moment is not one of the hook's, the inside of the machine does not matter.
    this.#repository.write(hook, hasSystem ? readFileSync(hook, "utf8") : "#!/usr/bin/env bash\nexit 0\n");
    const spec = machine(101, {
      memory: { sizeMiB: 1024 + 16 * revision },
      disks: [{ slot: "virtio0", sizeGiB: 8 + revision, datastore: "local-lvm" }],
      nixos: hasSystem ? { buildOn: "target", settings: { revision }, confirmSeconds } : false,
    });
    this.#repository.write("vm-specs/demo/web-1.json", spec);
  }

  #start(work: CrashedWork) {
    const { root, environment } = this.#repository;
    const command = work === "destroy" ? "destroy" : "apply";
    return execa(process.execPath, [program, command, "demo", "--yes"], {
      cwd: root,
      env: { ...environment, TF_REATTACH_PROVIDERS: this.#provider.reattach },
      reject: false,
      all: true,
      timeout: runTimeoutMs,
      stdin: "ignore",
    });
  }

  async #killAt(at: CrashPoint["at"], victim: Victim, run: Run): Promise<boolean> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    void run.then(over, over);
    const hasCome = () => ("rule" in at ? this.#hasMet() : this.#holds(at.file, at.holds));
    const timeoutMs = runTimeoutMs;
    await until(() => (isOver || hasCome() ? true : undefined), {
      timeoutMs,
      pollMs: 5,
      what: () => "the moment",
    });
    const pid = isOver ? undefined : await this.#pidOf(victim, run.pid);
    if (pid === undefined) return false;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      // It ended by itself in that very moment, as it can after its last state is written.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
    return true;
  }

  #hasMet(): boolean {
    return this.#repository.cluster.faults.rules.some(({ applied }) => applied > 0);
  }

  #holds(file: string, text: string): boolean {
    try {
      return readFileSync(join(this.#repository.root, file), "utf8").includes(text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
  }

  async #pidOf(victim: Victim, own: number | undefined): Promise<number | undefined> {
    if (victim === "nixherd") return own;
    if (victim === "provider") return JSON.parse(this.#provider.reattach)["bpg/proxmox"].Pid;
    return (await this.#programs()).at(-1)?.pid;
  }

  #programs() {
    return readProgramRecords(join(this.#repository.root, "cdktf.out/stacks/demo"));
  }

  /** A Terraform whose caller was killed goes on by itself. */
  async #untilTerraformEnded(): Promise<void> {
    const programs = await this.#programs();
    const isOver = () => (programs.some(({ pid }) => isAlive(pid)) ? undefined : true);
    await until(isOver, { timeoutMs: runTimeoutMs, what: () => "the end of Terraform" });
  }

  async #renewProvider(): Promise<void> {
    await this.#provider.stop();
    this.#provider = await providerFor(this.#repository);
  }

  /** Runs until the exit code is 0; the number of runs. */
  async #succeed(work: CrashedWork): Promise<number> {
    const { exitCode, all } = await this.#start(work);
    expect(exitCode, all).toBe(0);
    return 1;
  }

  /** No machine is lost, none is there twice, and the state is what the cluster has. */
  async #check(work: CrashedWork): Promise<void> {
    const { cluster } = this.#repository;
    const machines = [...cluster.vms.values()].filter((vm) => !isTemplate(vm));
    const recorded = JSON.parse(readFileSync(join(this.#repository.root, stateFile), "utf8")).resources;
    const expected = work === "destroy" ? [] : [101];
    expect(machines.map(({ vmid }) => vmid)).toEqual(expected);
    expect(machines.map(nameOf)).toEqual(expected.map(() => "web-1"));
    const vms = recorded.filter(({ type }: { type: string }) => type === "proxmox_virtual_environment_vm");
    expect(vms.map(({ name }: { name: string }) => name)).toEqual(expected.map((vmid) => `vm-${vmid}`));
    const owners = [...cluster.volumes.values()].map(({ vmid }) => vmid);
    expect(owners.filter((owner) => owner !== undefined && !cluster.vms.has(owner))).toEqual([]);
    if (work !== "destroy") await this.#checkMachine();
  }

  async #checkMachine(): Promise<void> {
    const vm = this.#repository.cluster.vms.get(101);
    expect(vm?.config).toMatchObject({
      ciuser: "root",
      sshkeys: expect.stringContaining("ssh-ed25519"),
      tags: "nixherd",
    });
    expect(vm?.process).toBeDefined();
    const { root, environment } = this.#repository;
    const plan = await execa(this.#binary, ["plan", "-detailed-exitcode", "-no-color"], {
      cwd: join(root, "cdktf.out/stacks/demo"),
      env: { ...environment, TF_REATTACH_PROVIDERS: this.#provider.reattach },
      reject: false,
      all: true,
      timeout: runTimeoutMs,
    });
    expect(plan.exitCode, plan.all).toBe(0);
  }
}

function providerFor({ environment }: TestRepository): Promise<RunningProvider> {
  return startProvider({ environment, log: () => undefined, onEnd: () => undefined });
}
