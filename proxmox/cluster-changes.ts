import { openAsBlob } from "node:fs";
import { FormData } from "undici";
import { NixherdError } from "../lib/errors.ts";
import type { ProxmoxAccess } from "./access.ts";
import { openProxmox, type ProxmoxClient } from "./client.ts";
import { openConnections, type Parameters, type Request, sendRequest } from "./send-request.ts";
import { untilTaskEnds } from "./task.ts";

/** Reads from the API of Proxmox VE and changes what is there. */
export interface ClusterChanges extends ProxmoxClient {
  /**
   * Sends a change; one that starts a task on the cluster is waited for.
   * @throws what `ProxmoxClient.get` throws, TASK_FAILED
   */
  change(method: "POST" | "PUT" | "DELETE", path: string, parameters?: Parameters): Promise<void>;
  /**
   * Puts a file of this computer on a storage under the given name.
   * @throws the same, INTERRUPTED
   */
  upload(upload: Upload): Promise<void>;
}

interface Upload {
  readonly node: string;
  readonly storage: string;
  readonly content: "import" | "iso";
  /** Path on this computer. */
  readonly file: string;
  /** Name on the storage. */
  readonly name: string;
  /** Checked by the server too. */
  readonly sha256: string;
  /** Cuts the sending off when it aborts; the server then keeps nothing. */
  readonly interrupt?: AbortSignal;
}

/** Deadline of a change's answer; the work itself is a task. */
const answerTimeoutMs = 60_000;

/** Deadlines of a task, and of the sending of a file. */
const taskTimeoutMs = 60 * 60_000;
const uploadTimeoutMs = 2 * 60 * 60_000;

/** Opens a client that may change the cluster. */
export function openClusterChanges(access: ProxmoxAccess): ClusterChanges {
  const reader = openProxmox(access);
  const agent = openConnections(access);
  const run = async (request: Request): Promise<void> => {
    const answer = await sendRequest(agent, access, request);
    if (isTask(answer)) await untilTaskEnds(reader, answer, taskTimeoutMs);
  };
  return {
    host: reader.host,
    get: reader.get,
    change: (method, path, parameters = {}) => {
      const values = method === "DELETE" ? { query: parameters } : { body: parameters };
      return run({ method, path, ...values, timeoutMs: answerTimeoutMs });
    },
    upload: async ({ node, storage, content, file, name, sha256, interrupt }) => {
      const form = new FormData();
      const fields = { content, checksum: sha256, "checksum-algorithm": "sha256" };
      for (const [field, value] of Object.entries(fields)) form.append(field, value);
      // Last: the server reads the other fields first.
      form.append("filename", await openAsBlob(file), name);
      const path = `nodes/${encodeURIComponent(node)}/storage/${encodeURIComponent(storage)}/upload`;
      const request = { method: "POST", path, body: form, timeoutMs: uploadTimeoutMs } as const;
      await run({ ...request, ...(interrupt === undefined ? {} : { interrupt }) }).catch((error: unknown) => {
        throw interrupt?.aborted ? cutOff(name) : error;
      });
    },
    close: async () => {
      await Promise.all([reader.close(), agent.close()]);
    },
  };
}

function cutOff(name: string): NixherdError {
  return new NixherdError("INTERRUPTED", {
    message: `The sending of ${name} was cut off.`,
    hint: "Run the command again.",
  });
}

function isTask(answer: unknown): answer is string {
  return typeof answer === "string" && answer.startsWith("UPID:");
}
