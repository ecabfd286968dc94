import { NixherdError } from "../lib/errors.ts";

/** What it takes to ask a cluster. */
export interface ProxmoxAccess {
  /** Such as `https://pve1.example.org:8006`, without a path. */
  readonly endpoint: string;
  /** `user@realm!id=uuid`; never shown. */
  readonly token: string;
  /** The certificate is not checked: the user's choice. */
  readonly isInsecure: boolean;
  /** PEM bundle of further trusted CAs. */
  readonly caFile?: string;
}

/** What the configuration says; each falls back to the environment, as in the provider. */
interface ConfiguredAccess {
  readonly endpoint?: string | undefined;
  readonly isInsecure?: boolean | undefined;
}

/** Access, or the name of the environment variable that is missing for it. */
export type AccessResult =
  | { readonly ok: true; readonly access: ProxmoxAccess }
  | { readonly ok: false; readonly missing: "PROXMOX_VE_ENDPOINT" | "PROXMOX_VE_API_TOKEN" };

/**
 * Reads how to reach the cluster: the endpoint from the configuration or PROXMOX_VE_ENDPOINT, the token from
 * PROXMOX_VE_API_TOKEN only, PROXMOX_VE_INSECURE and SSL_CERT_FILE.
 * @throws ENDPOINT_INVALID, WRONG_TOKEN when a value has the wrong form
 */
export function readAccess(
  configured: ConfiguredAccess,
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): AccessResult {
  const endpoint = configured.endpoint || env["PROXMOX_VE_ENDPOINT"];
  if (!endpoint) return { ok: false, missing: "PROXMOX_VE_ENDPOINT" };
  const token = env["PROXMOX_VE_API_TOKEN"];
  if (!token) return { ok: false, missing: "PROXMOX_VE_API_TOKEN" };
  const caFile = env["SSL_CERT_FILE"];
  return {
    ok: true,
    access: {
      endpoint: originOf(endpoint),
      token: checkedToken(token),
      isInsecure: configured.isInsecure ?? /^(true|1)$/i.test(env["PROXMOX_VE_INSECURE"] ?? ""),
      ...(caFile ? { caFile } : {}),
    },
  };
}

function originOf(endpoint: string): string {
  const url = URL.parse(endpoint);
  if (url?.protocol === "https:" && url.username === "" && url.password === "") return url.origin;
  throw new NixherdError("ENDPOINT_INVALID", {
    message: `The endpoint of Proxmox VE ("${url === null ? endpoint : url.host}") is no https address.`,
    hint: "Set PROXMOX_VE_ENDPOINT, or proxmox.endpoint in vm-specs/_site.json, to https://host:8006/.",
  });
}

function checkedToken(token: string): string {
  if (/^\S+@\S+!\S+=[a-zA-Z0-9-]+$/.test(token)) return token;
  throw new NixherdError("WRONG_TOKEN", {
    message: "PROXMOX_VE_API_TOKEN has not the form user@realm!id=uuid.",
    hint: "Copy the whole token: its id, an equals sign and the secret that was shown when it was made.",
  });
}
