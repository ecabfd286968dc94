import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AgentError } from "../../../embedded/pve/guest-port.ts";
import { type GuestLab, openGuestLab, until } from "./guest-lab.ts";

let lab: GuestLab;

beforeEach(async () => {
  lab = await openGuestLab();
  await lab.boot();
  await until("the agent answers", () =>
    lab.port.agent(101, "ping", {}).then(
      () => true,
      () => false,
    ),
  );
});
afterEach(() => lab.stop());

const agent = (command: string, params: Readonly<Record<string, unknown>> = {}) =>
  lab.port.agent(101, command, params);

async function start(command: readonly string[], input = ""): Promise<number> {
  const { pid } = (await agent("exec", { command, "input-data": input })) as { pid: number };
  return pid;
}

/** What the agent says of a program once it has ended. */
async function ending(pid: number): Promise<unknown> {
  let status: unknown;
  await until("the program has ended", async () => {
    status = await agent("exec-status", { pid });
    return (status as { exited: boolean }).exited;
  });
  return status;
}

describe("programs that the agent starts", () => {
  test("tell both outputs and the exit code", async () => {
    const pid = await start(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"]);
    expect(await ending(pid)).toEqual({
      exited: true,
      exitcode: 3,
      "out-data": "out\n",
      "out-truncated": false,
      "err-data": "err\n",
      "err-truncated": false,
    });
  });

  test("read what was sent along", async () => {
    expect(await ending(await start(["cat"], "line for stdin\n"))).toMatchObject({
      exitcode: 0,
      "out-data": "line for stdin\n",
    });
  });

  test("see the machine and not its host", async () => {
    expect(await ending(await start(["/bin/hostname"]))).toMatchObject({ "out-data": "web-1\n" });
  });

  test("that were killed show the signal and no exit code", async () => {
    expect(await ending(await start(["/bin/sh", "-c", "kill -9 $$"]))).toEqual({ exited: true, signal: 9 });
  });

  test("may write much", async () => {
    const pid = await start(["/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"]);
    expect(await ending(pid)).toMatchObject({ "out-data": "x".repeat(300_000), "out-truncated": false });
  });

  test("that do not exist are an error whose text does not fit a status line", async () => {
    await expect(start(["/no/such/binary"])).rejects.toThrow(
      new AgentError(
        "Failed to execute child process \u201c/no/such/binary\u201d (No such file or directory)",
      ),
    );
  });

  test("are forgotten once their end was told", async () => {
    const pid = await start(["true"]);
    await ending(pid);
    await expect(agent("exec-status", { pid })).rejects.toThrow(new AgentError("Invalid parameter 'pid'"));
  });

  test("end with the machine's power", async () => {
    const pid = await start(["sleep", "600"]);
    expect(await agent("exec-status", { pid })).toEqual({ exited: false });
    await lab.port.powerOff(101);
    await until("the program is gone", async () => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
  });
});

describe("files", () => {
  test("are written and read back", async () => {
    await agent("file-write", { file: "/tmp/by-agent", content: "hello\n" });
    expect(await agent("file-read", { file: "/tmp/by-agent" })).toEqual({
      content: "hello\n",
      "bytes-read": 6,
    });
    await agent("file-write", { file: "/tmp/coded", content: "aGVsbG8=", encode: 0 });
    expect(await agent("file-read", { file: "/tmp/coded" })).toMatchObject({ content: "hello" });
  });

  test("that are folders, or in no folder, are errors of the agent", async () => {
    await expect(agent("file-read", { file: "/etc" })).rejects.toThrow("failed to read file: Is a directory");
    await expect(agent("file-write", { file: "/no/such/file", content: "" })).rejects.toThrow(
      "failed to open file '/no/such/file' (mode: 'w'): No such file or directory",
    );
  });
});
