import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { isDeepStrictEqual } from "node:util";
import { type Command, type CommandResult, runCommand } from "../../../lib/run-command.ts";

/** The app of the next synthesis, which may be running before anybody needs it. */
export interface AppAhead {
  /** A synthesis follows soon: its program loads its code meanwhile. Does nothing for an app of the user's own. */
  prepare(): void;
  /** Runs the app: the program that was prepared, if it is the one that would be started now. */
  run(command: Command): Promise<CommandResult>;
  /** Whether the app that was run last knows how to leave out moving stacks: that of this project alone does. */
  leavesOut(): boolean;
  /** Ends a program that nobody needs any more. */
  close(): Promise<void>;
}

interface Prepared {
  readonly command: Command;
  readonly code: string;
  readonly stdin: PassThrough;
  readonly ended: Promise<CommandResult>;
  /** Receives the program's lines. */
  onLine: (line: string) => void;
  isOver: boolean;
}

/** Which stacks have no folder any more and which are being written is only known when the synthesis begins. */
const lateVariables = ["NIXHERD_REMOVED_STACKS", "NIXHERD_MOVING_STACKS"] as const;

const ownApp = /^node (\S*)main\.ts$/;

/** Folders and files in which there is no code of an app. */
const foreign = /^\..*|^(node_modules|cdktf\.out|coverage|vm-specs|test)$/;

const code = /\.(ts|mts|js|mjs|json)$/;

/** Keeps at most one program ahead; `nextCommand` tells how a synthesis would start it now. */
export function openAppAhead(root: string, nextCommand: () => Promise<Command>): AppAhead {
  let prepared: Prepared | undefined;
  let preparing: Promise<void> | undefined;
  const leaving = new Set<Promise<unknown>>();
  let isOfProject = false;

  function discard(old: Prepared): void {
    old.stdin.end();
    // It did nothing, so nobody needs to know how it ended.
    const left = old.ended.catch(() => undefined).finally(() => leaving.delete(left));
    leaving.add(left);
  }

  async function prepareNext(): Promise<void> {
    const command = await nextCommand();
    const file = fileAhead(root, command);
    if (file !== undefined) prepared = start({ root, command, file });
  }

  return {
    prepare() {
      if (prepared !== undefined || preparing !== undefined) return;
      // What is wrong with cdktf.json the synthesis itself tells.
      preparing = prepareNext()
        .catch(() => undefined)
        .finally(() => {
          preparing = undefined;
        });
    },
    run(command) {
      isOfProject = fileAhead(root, command) !== undefined;
      const ahead = prepared;
      prepared = undefined;
      if (ahead === undefined) return runCommand(command);
      if (ahead.isOver || !isSame(ahead.command, command) || ahead.code !== codeOf(root)) {
        discard(ahead);
        return runCommand(command);
      }
      ahead.onLine = command.onStdoutLine ?? ahead.onLine;
      ahead.stdin.end(`${JSON.stringify(lateOnes(command))}\n`);
      return ahead.ended;
    },
    leavesOut: () => isOfProject,
    async close() {
      await preparing;
      if (prepared !== undefined) discard(prepared);
      prepared = undefined;
      await Promise.all(leaving);
    },
  };
}

/** The program that stands for `main.ts` and waits, if the app is the one of this project. */
function fileAhead(root: string, { args }: Command): string | undefined {
  const [, folder] = ownApp.exec(args.at(-1) ?? "") ?? [];
  const file = folder === undefined ? undefined : resolve(root, folder, "main-ahead.ts");
  return file !== undefined && existsSync(file) ? file : undefined;
}

function start({ root, command, file }: { root: string; command: Command; file: string }): Prepared {
  const stdin = new PassThrough();
  const tell = (line: string): void => prepared.onLine(line);
  // Before the start: whatever changes while the code is loaded counts as changed.
  const loaded = codeOf(root);
  const ended = runCommand({
    ...command,
    file: process.execPath,
    args: [file],
    input: stdin,
    onStdoutLine: tell,
    onStderrLine: tell,
  });
  const over = (): void => {
    prepared.isOver = true;
  };
  ended.then(over, over);
  const prepared: Prepared = { command, code: loaded, stdin, ended, onLine: () => undefined, isOver: false };
  return prepared;
}

function isSame(one: Command, other: Command): boolean {
  const kept = ({ file, args, cwd, env }: Command) => ({
    file,
    args,
    cwd,
    env: { ...env, ...lateOnes({}) },
  });
  return isDeepStrictEqual(kept(one), kept(other));
}

function lateOnes({ env = {} }: Pick<Command, "env">): Record<string, string> {
  return Object.fromEntries(lateVariables.map((name) => [name, env[name] ?? ""]));
}

/** Names, sizes and times of everything in a repository that may be an app's code, and of what npm installed last. */
function codeOf(root: string): string {
  const files = [...listCode(root), join(root, "node_modules", ".package-lock.json")];
  return files
    .filter((file) => existsSync(file))
    .map((file) => {
      const { mtimeMs, size } = statSync(file);
      return `${file} ${mtimeMs} ${size}`;
    })
    .join("\n");
}

function listCode(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (foreign.test(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return listCode(path);
    return code.test(entry.name) ? [path] : [];
  });
}
