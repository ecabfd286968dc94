import { isDeepStrictEqual } from "node:util";
import { runStatusRound } from "../../../../embedded/pve/reports/status-rounds.ts";
import {
  type Answer,
  type ApiClient,
  createClient,
  type RequestOptions,
  waitForTask,
} from "../api-client.ts";
import { normalizeBody } from "../replay/normalize-body.ts";
import type { Outcome, RecordedCall, RecordedPoll, StatusRound, Step } from "./recording.ts";
import {
  installerBytes,
  installerSha256,
  managerOf,
  openStage,
  passUntil,
  rebootGapMs,
  type Stage,
  stagePassword,
  taskMs,
} from "./stage.ts";

/** A recorded answer beside ours, normalised. */
export interface Comparison {
  /** Step, number of the call in it, method and path. */
  readonly name: string;
  readonly isEqual: boolean;
  readonly recorded: unknown;
  readonly ours: unknown;
}

/** Hosts of this run in place of the recorded ones. */
export interface Hosts {
  /** Has the installer image. */
  readonly files: string;
  /** Nobody listens there. */
  readonly nobody: string;
}

/** Guests have longer than this to do what they are asked to. */
const guestTimeoutMs = 10_000;

/** A recorded text with what differs in this run. */
function localize(hosts: Hosts, text: string): string {
  return text
    .replaceAll("<files>", hosts.files)
    .replaceAll("<nobody>", hosts.nobody)
    .replaceAll("<sha256 of pk-installer.iso>", installerSha256)
    .replaceAll("<password>", stagePassword);
}

function ownUpid(stage: Stage, recorded: string): string {
  const own = stage.upids.get(recorded);
  if (own === undefined) throw new Error(`no call gave out the task ${recorded}`);
  return own;
}

function compare(name: string, recorded: Answer, ours: Answer): Comparison {
  const [one, other] = [recorded, ours].map(({ status, reason, body }) => ({
    status,
    reason: normalizeBody(reason),
    body: normalizeBody(body),
  }));
  return { name, isEqual: isDeepStrictEqual(one, other), recorded: one, ours: other };
}

/** The whole answer that a recorded call had. */
function recordedAnswer(hosts: Hosts, call: RecordedCall): Answer {
  const { status = 200, data = null, bare } = call;
  const reason = localize(hosts, call.reason ?? "OK");
  const body = bare ? undefined : status === 200 ? { data } : { data: null, message: `${reason}\n` };
  return { status, reason, body, data, headers: {} };
}

/** The whole answer that a look at a task had: all but its state stands in the UPID. */
function recordedTask(hosts: Hosts, { poll, exit }: RecordedPoll): Answer {
  const [, node, pid, pstart, starttime, type, id, authId = ""] = poll.split(":");
  const [user, tokenid] = authId.split("!");
  const numbers = [pid, pstart, starttime].map((text) => Number.parseInt(text ?? "", 16));
  const data = {
    upid: poll,
    node,
    pid: numbers[0],
    pstart: numbers[1],
    starttime: numbers[2],
    type,
    id,
    user,
    ...(tokenid === undefined ? {} : { tokenid }),
    ...(exit === undefined
      ? { status: "running" }
      : { status: "stopped", exitstatus: localize(hosts, exit) }),
  };
  return { status: 200, reason: "OK", body: { data }, data, headers: {} };
}

function optionsOf(hosts: Hosts, { params, file }: RecordedCall): RequestOptions {
  const local = Object.entries(params ?? {}).map(
    ([name, value]) =>
      [
        name,
        typeof value === "string" ? localize(hosts, value) : value.map((item) => localize(hosts, item)),
      ] as const,
  );
  return {
    ...(params === undefined ? {} : { params: Object.fromEntries(local) }),
    ...(file === undefined
      ? {}
      : { file: { name: file.name, content: installerBytes.subarray(0, file.bytes) } }),
  };
}

/** A ticket shows who calls from now on, in the header that Packer's plugin uses. */
function rememberLogin(stage: Stage, caller: string, { data }: Answer): void {
  const { ticket, CSRFPreventionToken: csrf } = data as Record<string, string>;
  stage.headersOf.set(caller, {
    authorization: `PVEAuthCookie=${encodeURIComponent(ticket ?? "")}`,
    csrfpreventiontoken: csrf ?? "",
  });
}

/** Waits until something happened on the server that needs no more time on its clock. */
async function until(hasHappened: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!hasHappened()) {
    if (Date.now() > deadline) throw new Error("the server did not do what the recording shows");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The status daemon looks at the machines, a clone being as far as it was then. */
async function playRound({ pve, clock }: Stage, { round }: StatusRound): Promise<void> {
  const { vms } = pve.cluster;
  if (round === "copying") {
    clock.pass(taskMs);
    await until(() => [...vms.values()].some(({ config }) => config["lock"] === "clone" && "name" in config));
  }
  runStatusRound(pve.cluster);
}

/** Lets the tasks end that nobody waited for. */
function finishTasks(stage: Stage): Promise<void> {
  const { tasks } = stage.pve.cluster;
  return passUntil(
    stage,
    until(() => [...tasks.values()].every(({ exitStatus }) => exitStatus !== undefined)),
  );
}

/** One step being played. */
interface Play {
  readonly step: Step;
  readonly stage: Stage;
  readonly hosts: Hosts;
  readonly manager: ApiClient;
  readonly comparisons: Comparison[];
}

function send({ stage }: Play, caller: string, method: string, path: string, options: RequestOptions) {
  const headers = stage.headersOf.get(caller) ?? {};
  return createClient(stage.pve, undefined)(method, path, { ...options, headers });
}

function note({ step, comparisons }: Play, what: string, recorded: Answer, ours: Answer): void {
  comparisons.push(compare(`${step.head.step} #${comparisons.length + 1} ${what}`, recorded, ours));
}

async function playPoll(play: Play, line: RecordedPoll): Promise<void> {
  const { stage, hosts, step, manager } = play;
  const upid = ownUpid(stage, line.poll);
  if (line.exit !== undefined) {
    if (line.exit.endsWith("got timeout")) stage.script.obeys = false;
    const givenUp = setInterval(() => {
      if (!stage.script.obeys) stage.clock.passAtLeast(guestTimeoutMs);
    }, 1);
    await passUntil(stage, waitForTask(manager, upid)).finally(() => clearInterval(givenUp));
  }
  const path = `/nodes/pve/tasks/${encodeURIComponent(upid)}/status`;
  const answer = await send(play, step.head.caller, "GET", path, {});
  note(play, `GET task ${upid.split(":")[5]}`, recordedTask(hosts, line), answer);
}

/** A machine whose reboot left it off for a moment is on again when the recorded one was. */
async function endReboot({ stage }: Play, { path, reason = "" }: RecordedCall): Promise<void> {
  if (/^VM \d+ is not running$/.test(reason) || stage.clock.pass(rebootGapMs) === 0) return;
  const vm = stage.pve.cluster.vms.get(Number(/\/qemu\/(\d+)\//.exec(path)?.[1]));
  await until(() => vm?.process !== undefined);
}

async function playCall(play: Play, call: RecordedCall): Promise<void> {
  const { stage, hosts, step } = play;
  const caller = call.caller ?? step.head.caller;
  if (call.path.includes("/agent/")) {
    stage.script.expect(call);
    await endReboot(play, call);
  }
  const answer = await send(play, caller, call.method, call.path, optionsOf(hosts, call));
  if (typeof call.data === "string" && call.data.startsWith("UPID:"))
    stage.upids.set(call.data, String(answer.data));
  if (call.path === "/access/ticket" && answer.status === 200) rememberLogin(stage, caller, answer);
  note(play, `${call.method} ${call.path}`, recordedAnswer(hosts, call), answer);
}

async function playOutcome(play: Play, { after }: Outcome): Promise<void> {
  await finishTasks(play.stage);
  for (const [vmid, recorded] of Object.entries(after)) {
    const [config, status] = await Promise.all(
      ["config", "status/current"].map((part) => play.manager("GET", `/nodes/pve/qemu/${vmid}/${part}`)),
    );
    const { status: state } = (status?.data ?? {}) as { status?: string };
    const ours = state === undefined ? null : { status: state, config: config?.data };
    const blank = { status: 200, reason: "OK", data: undefined, headers: {} };
    note(play, `machine ${vmid} afterwards`, { ...blank, body: recorded }, { ...blank, body: ours });
  }
}

async function playLine(play: Play, line: Step["lines"][number]): Promise<void> {
  if ("round" in line) return playRound(play.stage, line);
  if ("after" in line) return playOutcome(play, line);
  if ("meanwhile" in line) {
    const [method, path, params] = line.meanwhile;
    await send(play, play.step.head.caller, method, path, { params });
  } else if ("keys" in line && line.keys !== undefined) {
    for (const key of line.keys.split(" ")) await playCall(play, { ...line, params: { key } });
  } else
    for (let time = 0; time < (line.times ?? 1); time += 1)
      await ("poll" in line ? playPoll(play, line) : playCall(play, line));
}

/** Plays the lines of one step, each as often as it was recorded, and compares every answer. */
export async function playStep(step: Step, hosts: Hosts): Promise<Comparison[]> {
  const stage = await openStage(step);
  const play: Play = { step, stage, hosts, manager: managerOf(stage), comparisons: [] };
  try {
    for (const line of step.lines) await playLine(play, line);
  } finally {
    await stage.pve.stop();
  }
  return play.comparisons;
}
