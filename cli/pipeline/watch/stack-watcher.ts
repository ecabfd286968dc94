import type { NixherdError } from "../../../lib/errors.ts";
import { outcomeOf } from "../../../reconcile/watch/failure-outcome.ts";
import type { SchedulerAction, SchedulerEvent } from "../../../reconcile/watch/scheduler.ts";
import type { SynthesisedStack } from "../../../reconcile/watch/stack-turn.ts";
import type { SynthesisAction } from "../../../reconcile/watch/synthesis-turn.ts";
import { siteFile } from "../../../specs/list-spec-files.ts";
import { readSite } from "../../../specs/read-site.ts";
import type { SiteWatch } from "../../../specs/schema/site-watch.ts";
import { asNixherdError } from "../as-nixherd-error.ts";
import type { PipelineContext } from "../context.ts";
import { reportError } from "../each-stack.ts";
import type { AppAhead } from "./app-ahead.ts";
import { describeSource } from "./describe-source.ts";
import { knownMachines } from "./known-machines.ts";
import { runStack } from "./run-stack.ts";
import { afterFailedSynthesis, afterRun, afterSynthesis, planning } from "./stack-conditions.ts";
import type { StatusBoard } from "./status-board.ts";
import { createSynthesisedInputs, type SynthesisedInputs } from "./synthesised-inputs.ts";
import { type Synthesis, synthesizeSound } from "./synthesize-sound.ts";
import { untilGitRests } from "./watch-changes.ts";
import type { WatchProblem } from "./watch-events.ts";
import type { WatchMetrics } from "./watch-metrics.ts";

interface StackWatcherParts {
  readonly context: PipelineContext;
  readonly board: StatusBoard;
  readonly metrics: WatchMetrics;
  readonly app: AppAhead;
  /** Called after each synthesis. */
  readonly onSynthesised: (revision: string, stacks: readonly string[]) => void;
  /** Called when nothing is left of a stack, so that the next synthesis leaves it out. */
  readonly onForgotten: () => void;
}

/** Does what the scheduler says, and keeps the conditions of the stacks. */
export class StackWatcher {
  /** The site's settings; those of the last readable site file. */
  site: SiteWatch;
  readonly #parts: StackWatcherParts;
  readonly #running = new Set<string>();
  #told = "[]";
  #notes: ReadonlySet<string> = new Set();
  #known: ReadonlyMap<string, SynthesisedStack> = new Map();
  readonly #inputs: SynthesisedInputs;
  /** Of the last synthesis. */
  #last = { hash: "", revision: "" };

  constructor(parts: StackWatcherParts) {
    this.#parts = parts;
    this.#inputs = createSynthesisedInputs(parts.context.root);
    this.site = readSite(parts.context.root, siteFile).site.watch;
  }

  /** True from the beginning of a stack's run to its end. */
  isRunning(stack: string): boolean {
    return this.#running.has(stack);
  }

  /** Performs what the scheduler says; never fails. */
  perform(action: SchedulerAction): Promise<SchedulerEvent> {
    return action.type === "synthesise" ? this.#synthesise(action) : this.#run(action);
  }

  async #synthesise(action: SynthesisAction): Promise<SchedulerEvent> {
    const { context, metrics } = this.#parts;
    const startedAtMs = performance.now();
    const took = (): number => performance.now() - startedAtMs;
    try {
      await untilGitRests(context.root, this.site.longestWaitMs);
      if (await this.#isUnchanged(action)) {
        context.report({ event: "unchanged", revision: this.#last.revision });
        return { type: "unchanged" };
      }
      const stacks = await this.#synthesiseNow(action);
      metrics.synthesised(took(), true);
      return { type: "synthesised", stacks };
    } catch (thrown) {
      metrics.synthesised(took(), false);
      return this.#failSynthesis(asNixherdError(thrown));
    }
  }

  /** Nothing that a synthesis reads is different, nor the commit that it would tell. */
  async #isUnchanged({ changed }: SynthesisAction): Promise<boolean> {
    if (!this.#inputs.areUnchanged(changed)) return false;
    const { hash, revision } = this.#last;
    return (await describeSource(this.#parts.context.root, hash)) === revision;
  }

  async #synthesiseNow({ moving }: SynthesisAction): Promise<readonly SynthesisedStack[]> {
    const { context, app } = this.#parts;
    const { root, interrupt, report } = context;
    const seen = this.#inputs.begin(moving);
    const onLine = (text: string): void => report({ event: "note", text });
    const options = { interrupt, report: this.#newNotes(report), onLine, run: app.run, movingStacks: moving };
    const synthesis = await synthesizeSound(root, options);
    const { site, isReadable } = readSite(root, siteFile);
    if (isReadable) this.site = site.watch;
    const isSound = synthesis.problems.every(({ severity }) => severity !== "error");
    // Whatever was wrong is worth another try when somebody saves a file.
    if (isSound) seen.keep();
    await this.#takeIn(synthesis, moving);
    return synthesis.stacks;
  }

  async #takeIn(
    { stacks: synthesised, problems, hash }: Synthesis,
    moving: readonly string[],
  ): Promise<void> {
    const { context, board, onSynthesised } = this.#parts;
    const { root } = context;
    const written = synthesised.filter(({ name }) => !moving.includes(name));
    const left = [...this.#known.values()].filter(({ name }) => moving.includes(name));
    const stacks = [...written, ...left];
    const revision = await describeSource(root, hash);
    this.#last = { hash, revision };
    board.know(await knownMachines(root, stacks), revision);
    this.#tellProblems(problems);
    for (const stack of written) {
      const condition = afterSynthesis(stack, this.#known.get(stack.name), problems);
      if (condition !== undefined && !this.isRunning(stack.name)) board.set(stack.name, condition);
    }
    this.#known = new Map(stacks.map((stack) => [stack.name, stack]));
    onSynthesised(
      revision,
      stacks.map(({ name }) => name),
    );
  }

  /** What the last synthesis noted as well, such as that there is no nix, is not told again. */
  #newNotes(report: PipelineContext["report"]): PipelineContext["report"] {
    const before = this.#notes;
    const notes = new Set<string>();
    this.#notes = notes;
    return (event) => {
      if (event.event === "note") notes.add(event.text);
      if (event.event !== "note" || !before.has(event.text)) report(event);
    };
  }

  /** Once for as long as they are the same. */
  #tellProblems(problems: readonly WatchProblem[]): void {
    const text = JSON.stringify(problems);
    if (text === this.#told) return;
    this.#told = text;
    for (const problem of problems) this.#parts.context.report({ event: "problem", problem });
  }

  #failSynthesis(error: NixherdError): SchedulerEvent {
    const { context, board } = this.#parts;
    if (context.interrupt.aborted) return { type: "synthesis-failed", outcome: "terminal" };
    reportError(context.report, error);
    const outcome = outcomeOf([error]) === "terminal" ? "terminal" : "retry";
    if (outcome === "retry") return { type: "synthesis-failed", outcome };
    for (const stack of this.#known.keys()) {
      if (!this.isRunning(stack)) board.set(stack, afterFailedSynthesis(error));
    }
    // Whatever is synthesised next is news to every stack.
    this.#known = new Map([...this.#known].map(([name, stack]) => [name, { ...stack, isSound: false }]));
    return { type: "synthesis-failed", outcome };
  }

  async #run({ stack, kind }: Extract<SchedulerAction, { type: "run" }>): Promise<SchedulerEvent> {
    const { context, board, metrics } = this.#parts;
    const startedAtMs = performance.now();
    this.#running.add(stack);
    board.begin(stack);
    if (kind === "change") board.set(stack, planning);
    const report: PipelineContext["report"] = (event) => {
      context.report(event);
      board.takeEvent(stack, event);
    };
    const result = await runStack({ ...context, report }, { stack, kind, drift: this.site.drift });
    this.#running.delete(stack);
    board.end(stack, afterRun(result));
    if (result.isForgotten) {
      this.#inputs.forget();
      this.#parts.onForgotten();
    }
    metrics.ran(stack, kind, result.outcome, performance.now() - startedAtMs);
    return { type: "ended", stack, outcome: result.outcome };
  }
}
