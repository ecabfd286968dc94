import type { Recording } from "./recording.ts";

export const validTokenId = "terraform@pve!provider";
export const validTokenSecret = "00000000-0000-4000-8000-000000000000";
const validToken = `${validTokenId}=${validTokenSecret}`;

/** The environment of the provider's process for a step; most steps have the same. */
export function providerEnvironment({ credentials, timeScale }: Recording): Readonly<Record<string, string>> {
  const authentication =
    credentials === "password"
      ? { PROXMOX_VE_USERNAME: "terraform@pve", PROXMOX_VE_PASSWORD: "***" }
      : { PROXMOX_VE_API_TOKEN: credentials === "malformed token" ? "no-token" : validToken };
  if (timeScale === undefined) return { ...authentication, NIXHERD_EMBEDDED_POLL_MS: "5" };
  return {
    ...authentication,
    NIXHERD_EMBEDDED_POLL_MS: String(1000 * timeScale),
    NIXHERD_EMBEDDED_TIMEOUT_SCALE: String(timeScale),
  };
}
