import { hasPrivilege } from "../access/permissions.ts";
import { badParameters, failure, permissionDenied } from "../http/api-error.ts";
import { PlainAnswer } from "../http/plain-answer.ts";
import type { Task } from "../state/task.ts";
import { type Call, type EndpointTable, flag, optionalText, text } from "./endpoint.ts";

function isOwn(call: Call, task: Task): boolean {
  return task.caller.userId === call.caller.userId || task.caller.authId === call.caller.authId;
}

function mayRead(call: Call, task: Task): boolean {
  return isOwn(call, task) || hasPrivilege(call.cluster, call.caller, `/nodes/${task.node}`, "Sys.Audit");
}

function taskOf(call: Call): Task {
  const upid = text(call, "upid");
  if (!/^UPID:[^:]+:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:[^:]+:[^:]*:[^:]+:$/.test(upid)) {
    throw badParameters({ upid: `unable to parse worker upid '${upid}'` });
  }
  const task = call.cluster.tasks.get(upid);
  if (task === undefined) throw failure(`unable to open file - no such task '${upid}'`);
  if (!mayRead(call, task)) throw permissionDenied(`/nodes/${task.node}, Sys.Audit`);
  return task;
}

function identity({
  upid,
  node,
  pid,
  pstart,
  startTimeSeconds,
  type,
  id,
  caller,
}: Task): Record<string, unknown> {
  return {
    upid,
    node,
    pid,
    pstart,
    starttime: startTimeSeconds,
    type,
    id,
    user: caller.userId,
    ...(caller.tokenId === undefined ? {} : { tokenid: caller.tokenId }),
  };
}

function showStatus(call: Call): Record<string, unknown> {
  const task = taskOf(call);
  return task.exitStatus === undefined
    ? { ...identity(task), status: "running" }
    : { ...identity(task), status: "stopped", exitstatus: task.exitStatus };
}

function showLog(call: Call): PlainAnswer {
  const task = taskOf(call);
  const start = Number(call.parameters["start"] ?? 0);
  const limit = Number(call.parameters["limit"] ?? 50);
  const end = limit === 0 ? undefined : start + limit;
  const data = task.log.slice(start, end).map((line, index) => ({ n: start + index + 1, t: line }));
  return new PlainAnswer({
    data: data.length === 0 ? [{ n: 1, t: "no content" }] : data,
    total: task.log.length,
  });
}

function listTasks(call: Call): PlainAnswer {
  const { cluster } = call;
  const vmid = optionalText(call, "vmid");
  const type = optionalText(call, "typefilter");
  const running = optionalText(call, "source") === "active";
  const matching = [...cluster.tasks.values()]
    .reverse()
    .filter(
      (task) =>
        task.node === text(call, "node") &&
        mayRead(call, task) &&
        (vmid === undefined || task.id === vmid) &&
        (type === undefined || task.type === type) &&
        (!flag(call, "errors") || (task.exitStatus !== undefined && task.exitStatus !== "OK")) &&
        (task.exitStatus === undefined) === running,
    );
  const start = Number(call.parameters["start"] ?? 0);
  const page = matching.slice(start, start + Number(call.parameters["limit"] ?? 50));
  const data = page.map((task) => ({
    ...identity(task),
    ...(task.exitStatus === undefined ? {} : { status: task.exitStatus, endtime: task.endTimeSeconds }),
  }));
  return new PlainAnswer({ data, total: matching.length });
}

function stopTask(call: Call): null {
  const task = taskOf(call);
  if (!isOwn(call, task) && !hasPrivilege(call.cluster, call.caller, `/nodes/${task.node}`, "Sys.Modify")) {
    throw permissionDenied(`/nodes/${task.node}, Sys.Modify`);
  }
  task.stopping.abort();
  return null;
}

export const taskEndpoints: EndpointTable = {
  "GET /nodes/{node}/tasks": listTasks,
  "GET /nodes/{node}/tasks/{upid}/status": showStatus,
  "GET /nodes/{node}/tasks/{upid}/log": showLog,
  "DELETE /nodes/{node}/tasks/{upid}": stopTask,
};
