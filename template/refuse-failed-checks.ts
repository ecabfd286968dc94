import { NixherdError } from "../lib/errors.ts";
import type { ClusterTemplate } from "./cluster-template.ts";
import type { Check } from "./verify/judge-machines.ts";

/** What a check that went well means, in words. */
const meanings: Readonly<Record<Check["name"], string>> = {
  agent: "the guest agent answers, and it is NixOS",
  marker: "/etc/nixos-template.json says what it is",
  "cloud-init": "cloud-init finished without errors",
  "root-growth": "the root file system grew with its disk",
  login: "root logs in with a new key, under the host key that the agent shows",
  "machine-id": "two clones have two machine ids",
  "host-keys": "two clones have two host keys",
};

/**
 * Tells the outcome of every check.
 * @throws TEMPLATE_NOT_VERIFIED when one failed
 */
export function refuseFailedChecks(
  { name, vmId }: Pick<ClusterTemplate, "name" | "vmId">,
  checks: readonly Check[],
  say: (text: string) => void,
): void {
  for (const check of checks) {
    say(check.problem === "" ? `ok      ${meanings[check.name]}` : `failed  ${check.name}: ${check.problem}`);
  }
  const failed = checks.filter(({ problem }) => problem !== "");
  if (failed.length === 0) return;
  throw new NixherdError("TEMPLATE_NOT_VERIFIED", {
    message: [
      `${name} (${vmId}) did not pass ${failed.length} of ${checks.length} checks.`,
      ...failed.map(({ name: check, problem }) => `${check}: ${problem}`),
    ].join("\n"),
    hint: "The template is still there to be looked at; the catalogue was not changed.",
  });
}
