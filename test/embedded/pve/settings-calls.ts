import type { Lab } from "./lab.ts";

/** Takes every section out of the cluster's configuration files, but for the realms. */
export function emptySections({ pve }: Lab): void {
  const { sections } = pve.cluster.datacenter;
  for (const file of Object.values(sections)) if (file !== sections.realms) file.length = 0;
}

/** Calls as the administrator of a laboratory that is there by the time of a call. */
export function callsOfAdmin(lab: () => Lab) {
  const call = (method: "GET" | "POST" | "PUT", path: string, params: object) =>
    lab().admin(method, path, { params: params as never });
  return {
    get: async (path: string, params: object = {}) =>
      (await call("GET", path, params)).data as Record<string, unknown>,
    post: (path: string, params: object) => call("POST", path, params),
    put: (path: string, params: object) => call("PUT", path, params),
  };
}

/** What an answer says of single parameters. */
export function errorsOf(answer: { readonly body: unknown }): unknown {
  return (answer.body as { errors?: unknown }).errors;
}
