import { readFileSync } from "node:fs";
import { Agent, fetch } from "undici";
import type { TestRepository } from "./test-repository.ts";

/** Calls the embedded cluster's API as somebody outside of Terraform would; throws for an error. */
export async function callApi(
  repository: TestRepository,
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const {
    PROXMOX_VE_ENDPOINT: endpoint,
    PROXMOX_VE_API_TOKEN: token,
    SSL_CERT_FILE: ca = "",
  } = repository.environment;
  const answer = await fetch(new URL(`/api2/json/${path}`, endpoint), {
    method,
    headers: { Authorization: `PVEAPIToken=${token}` },
    body: method === "POST" || method === "PUT" ? new URLSearchParams(parameters) : null,
    dispatcher: new Agent({ connect: { ca: readFileSync(ca) } }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${answer.statusText}`);
  return ((await answer.json()) as { data: unknown }).data;
}
