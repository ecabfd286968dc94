import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { ProxmoxAccess } from "../../proxmox/access.ts";
import { openProxmox } from "../../proxmox/client.ts";
import { goodToken, startApi } from "./api-server.ts";

/** One request with a client of its own. */
async function ask(access: ProxmoxAccess, path = "version", timeoutMs = 10_000): Promise<unknown> {
  const client = openProxmox(access, { timeoutMs });
  onTestFinished(() => client.close());
  return client.get(path);
}

test("A request hands back the data of the answer, and its query is sent along.", async () => {
  const { access, requests } = await startApi(() => ({ data: [{ vmid: 101 }] }));
  const client = openProxmox(access);
  onTestFinished(() => client.close());
  expect(await client.get("cluster/resources", { type: "vm" })).toEqual([{ vmid: 101 }]);
  expect(requests).toEqual(["cluster/resources?type=vm"]);
  expect(client.host).toBe(new URL(access.endpoint).host);
});

test("A wrong token is WRONG_TOKEN with the server's words, and is not shown.", async () => {
  const { access } = await startApi(() => ({ data: {} }));
  const wrong = { ...access, token: "ops@pve!ci=11111111-2222-3333-4444-555555555555" };
  const failure = ask(wrong);
  await expect(failure).rejects.toMatchObject({
    code: "WRONG_TOKEN",
    message: "Proxmox VE refused the API token: Authentication failed!",
  });
  await expect(failure).rejects.toSatisfy((error) => !JSON.stringify(error).includes("11111111"));
});

test("A missing right is NO_PERMISSION with the reason phrase.", async () => {
  const { access } = await startApi(() => ({
    status: 403,
    reason: "Permission check failed (/, Sys.Audit)",
  }));
  await expect(ask(access)).rejects.toMatchObject({
    code: "NO_PERMISSION",
    message: "The API token may not read version: Permission check failed (/, Sys.Audit)",
  });
});

test("Any other failure keeps status, reason phrase and the texts per parameter.", async () => {
  const { access } = await startApi(() => ({
    status: 400,
    reason: "Parameter verification failed.",
    body: '{"errors":{"vmid":"VM 101 already exists"},"data":null}',
  }));
  await expect(ask(access, "cluster/nextid")).rejects.toMatchObject({
    code: "PROXMOX_API_FAILED",
    message:
      "Proxmox VE answered the request for cluster/nextid with 400 Parameter verification failed. vmid: VM 101 already exists",
  });
});

test("A failure that comes with data is a failure all the same.", async () => {
  const { access } = await startApi(() => ({ status: 500, reason: "no quorum", body: '{"data":[]}' }));
  await expect(ask(access)).rejects.toMatchObject({ code: "PROXMOX_API_FAILED" });
});

test.each([
  [596, "Broken pipe", "CONNECTION_LOST"],
  [599, "Too many redirections", "CONNECTION_LOST"],
  [500, "can't lock file '/var/lock/qemu-server/lock-101.conf' - got timeout", "LOCK_TIMEOUT"],
])("A request that meets %i %s is sent again, six times at most.", async (status, reason, code) => {
  let failures = 2;
  const { access, requests } = await startApi(() => {
    failures -= 1;
    return failures < 0 ? { data: "here" } : { status, reason };
  });
  expect(await ask(access)).toBe("here");
  expect(requests).toHaveLength(3);
  failures = 100;
  await expect(ask(access)).rejects.toMatchObject({ code, message: expect.stringContaining(reason) });
  expect(requests).toHaveLength(3 + 6);
});

test.each([
  ["no JSON", "<html>welcome</html>"],
  ["no data", '{"data":null}'],
])("An answer with %s is PROXMOX_API_FAILED.", async (_, body) => {
  const { access } = await startApi(() => ({ status: 200, reason: "OK", body }));
  await expect(ask(access)).rejects.toMatchObject({ code: "PROXMOX_API_FAILED" });
});

test("A certificate that no trusted CA signed is TLS_NOT_TRUSTED, unless the user asked not to check.", async () => {
  const { access } = await startApi(() => ({ data: "9.2" }));
  const { caFile: _, ...untrusting } = access;
  await expect(ask(untrusting)).rejects.toMatchObject({
    code: "TLS_NOT_TRUSTED",
    hint: expect.stringContaining("SSL_CERT_FILE"),
  });
  expect(await ask({ ...untrusting, isInsecure: true })).toBe("9.2");
});

test("A certificate for another name is TLS_NOT_TRUSTED and says so.", async () => {
  const { access } = await startApi(() => ({ data: {} }), "pve1.example.org");
  await expect(ask(access)).rejects.toMatchObject({
    code: "TLS_NOT_TRUSTED",
    message: expect.stringContaining("127.0.0.1"),
  });
});

test("A CA file that is missing is TLS_NOT_TRUSTED and named.", async () => {
  const { access } = await startApi(() => ({ data: {} }));
  await expect(ask({ ...access, caFile: "/nowhere/ca.pem" })).rejects.toMatchObject({
    code: "TLS_NOT_TRUSTED",
    message: expect.stringContaining("/nowhere/ca.pem"),
  });
});

/** Listens on a port of its own with this handler, until the test ends or `close` is called. */
async function listenPlainly(onSocket: (socket: Socket) => void) {
  const server = createServer((socket) => onSocket(socket.on("error", () => socket.destroy())));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const access = { endpoint: `https://127.0.0.1:${port}`, token: goodToken, isInsecure: false };
  return { access, close: () => server.close() };
}

test("Nobody listening is CLUSTER_UNREACHABLE.", async () => {
  const { access, close } = await listenPlainly((socket) => socket.destroy());
  close();
  await expect(ask(access)).rejects.toMatchObject({
    code: "CLUSTER_UNREACHABLE",
    message: expect.stringContaining("ECONNREFUSED"),
  });
});

test("Somebody who speaks no TLS is CLUSTER_UNREACHABLE.", async () => {
  const { access, close } = await listenPlainly((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  onTestFinished(() => void close());
  await expect(ask(access)).rejects.toMatchObject({ code: "CLUSTER_UNREACHABLE" });
});

test("A server that never answers is given up at the deadline.", async () => {
  const { access } = await startApi(() => undefined);
  await expect(ask(access, "version", 300)).rejects.toMatchObject({
    code: "CLUSTER_UNREACHABLE",
    message: expect.stringContaining("no answer within 0.3 s"),
  });
});
