import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createConnection } from "../../../embedded/provider/api/connection.ts";
import { send } from "../../../embedded/provider/api/transport.ts";
import type { RunningPve } from "../../../embedded/pve/start-pve.ts";
import { setFaults } from "../pve/fault-client.ts";
import { openTerraformLab, type TerraformLab } from "./terraform-lab.ts";

let lab: TerraformLab;
let pve: RunningPve;
let calls: string[] = [];

beforeAll(async () => {
  lab = await openTerraformLab();
  pve = await lab.startServer({ onRequest: ({ method, path }) => calls.push(`${method} ${path}`) });
});

afterAll(() => lab.close());

const version = { data: { proxmox_version: { v: {} } } };
const pool = (name: string): object => ({
  resource: { proxmox_virtual_environment_pool: { p: { pool_id: name } } },
});
const poolAfterVersion = {
  ...version,
  resource: {
    proxmox_virtual_environment_pool: { p: { pool_id: "a", depends_on: ["data.proxmox_version.v"] } },
  },
};

/** What the real provider 0.111.1 asked and ended with when the calls of a path were reset. */
const resets: readonly {
  readonly name: string;
  readonly path: string;
  readonly count?: number;
  readonly configuration: object;
  readonly asked: readonly string[];
  readonly exit: number;
}[] = [
  {
    name: "a read over a new connection is tried three times",
    path: "GET /version",
    configuration: version,
    asked: ["GET /version", "GET /version", "GET /version"],
    exit: 1,
  },
  {
    name: "a read over a used connection goes over a new one first, which is no try",
    path: "GET /pools",
    configuration: pool("b"),
    asked: ["POST /pools", "GET /pools", "GET /pools", "GET /pools", "GET /pools"],
    exit: 1,
  },
  {
    name: "a read that works the second time is no failure",
    path: "GET /pools",
    count: 1,
    configuration: pool("c"),
    asked: ["POST /pools", "GET /pools", "GET /pools"],
    exit: 0,
  },
  {
    name: "what changes something is sent once, over a used connection too",
    path: "POST /pools",
    configuration: poolAfterVersion,
    asked: ["GET /version", "POST /pools"],
    exit: 1,
  },
];

const brokenOff = /: read tcp 127\.0\.0\.1:\d+->127\.0\.0\.1:\d+: read: connection reset by peer/;

describe("when connections are reset", () => {
  test.each(resets)("$name", async ({ path, count, configuration, asked, exit }) => {
    const workspace = await lab.workspace(pve);
    await workspace.write({ ...configuration });
    await setFaults(pve, [{ fault: "reset", call: path, ...(count === undefined ? {} : { count }) }]);
    calls = [];
    const { exitCode, all } = await workspace.run("apply", "-auto-approve", "-no-color");
    expect({ exit: exitCode, asked: calls }).toEqual({ exit, asked });
    if (exit !== 0) expect(all.replaceAll(/[\s│]+/g, " ")).toMatch(brokenOff);
  });
});

/** The address of a server whose certificate nobody has signed. */
async function startUntrusted(commonName: string, addresses: readonly string[]): Promise<string> {
  const { private: key, cert } = await generate([{ name: "commonName", value: commonName }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: false },
      ...(addresses.length === 0
        ? []
        : [{ name: "subjectAltName" as const, altNames: addresses.map((ip) => ({ type: 7 as const, ip })) }]),
    ],
  });
  const server = createServer({ key, cert }, (_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  ["127.0.0.1", [], "certificate relies on legacy Common Name field, use SANs instead"],
  ["pve", [], "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"],
  ["pve", ["10.0.0.1", "10.0.0.2"], "certificate is valid for 10.0.0.1, 10.0.0.2, not 127.0.0.1"],
  ["pve", ["127.0.0.1"], "certificate signed by unknown authority"],
] as const)(
  "the certificate of %s for addresses %j is refused in Go's words",
  async (name, addresses, words) => {
    const connection = createConnection(await startUntrusted(name, addresses), false, "");
    const call = { method: "GET", target: "version", form: "", headers: {} };
    const answer = send(connection, { ...call, deadline: { signal: AbortSignal.timeout(10_000) } });
    await expect(answer).rejects.toThrow(`tls: failed to verify certificate: x509: ${words}`);
  },
);
