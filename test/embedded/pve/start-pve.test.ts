import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RequestRecord } from "../../../embedded/pve/http/answer-request.ts";
import { startPve } from "../../../embedded/pve/start-pve.ts";
import { adminToken, type Lab, startLab } from "./lab.ts";

const records: RequestRecord[] = [];
let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ onRequest: (record) => records.push(record) });
});
afterAll(() => lab.pve.stop());

function handshake(options: object): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(lab.pve.endpoint).port), ...options });
  socket.on("secureConnect", () => {
    resolve(String(socket.getProtocol()));
    socket.end();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  return promise;
}

describe("the embedded Proxmox VE as a server", () => {
  test.each(["0.0.0.0", "192.0.2.1", "::"])("refuses to listen on %s", async (host) => {
    await expect(startPve({ host })).rejects.toMatchObject({ code: "EMBEDDED_NOT_LOOPBACK" });
  });

  test("says so when its port is taken", async () => {
    const port = Number(new URL(lab.pve.endpoint).port);
    await expect(startPve({ port })).rejects.toMatchObject({ code: "EMBEDDED_PORT_TAKEN" });
  });

  test("refuses a role that Proxmox VE does not have", async () => {
    const started = startPve({ tokens: [{ id: "a@pve!b", role: "Emperor" }] });
    await expect(started).rejects.toMatchObject({ code: "USAGE" });
  });

  test("speaks TLS 1.3 to whoever trusts its authority", async () => {
    expect(await handshake({ ca: lab.pve.caPem })).toBe("TLSv1.3");
  });

  test("is not trusted without its authority", async () => {
    expect(await handshake({})).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
  });

  test("does not speak TLS 1.2", async () => {
    expect(await handshake({ ca: lab.pve.caPem, maxVersion: "TLSv1.2" })).toMatch(/PROTOCOL|ALERT/);
  });

  test("says in version and Server header that it is embedded", async () => {
    const { data, headers } = await lab.admin("GET", "/version");
    expect(data).toMatchObject({ release: "9.2", version: "9.2.11+nixherd.embedded" });
    expect(headers["server"]).toContain("embedded");
  });

  test("reports requests without query, body and token", async () => {
    const secret = String(lab.pve.tokens[adminToken]?.split("=")[1]);
    records.length = 0;
    await lab.admin("GET", "/cluster/nextid", { params: { vmid: 4242 } });
    await lab.admin("POST", "/access/ticket", { params: { username: "root@pam", password: "hunter2" } });
    expect(records.map(({ method, path, status }) => ({ method, path, status }))).toEqual([
      { method: "GET", path: "/cluster/nextid", status: 200 },
      { method: "POST", path: "/access/ticket", status: 401 },
    ]);
    expect(JSON.stringify(records)).not.toMatch(new RegExp(`${secret}|hunter2|4242`));
  });

  test("starts with two nodes, two storages and a golden template", async () => {
    const { data: nodes } = await lab.admin("GET", "/nodes");
    const { data: storages } = await lab.admin("GET", "/nodes/pve2/storage");
    const template = await lab.config(9000);
    expect((nodes as { node: string }[]).map(({ node }) => node)).toEqual(["pve1", "pve2"]);
    expect((storages as { storage: string }[]).map(({ storage }) => storage)).toEqual(["local", "local-lvm"]);
    expect(template).toMatchObject({
      name: "nixos-26.05-v1",
      template: 1,
      agent: "1",
      serial0: "socket",
      tags: "nixos;template",
      virtio0: "local-lvm:base-9000-disk-0,discard=on,iothread=1,size=4G",
      ide2: "local-lvm:vm-9000-cloudinit,media=cdrom",
    });
  });

  test("answers nothing after it was stopped, and frees its port", async () => {
    const other = await startPve();
    const port = Number(new URL(other.endpoint).port);
    await other.stop();
    const again = await startPve({ port });
    expect(new URL(again.endpoint).port).toBe(String(port));
    await again.stop();
  });
});
