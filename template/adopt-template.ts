import { NixherdError } from "../lib/errors.ts";
import { catalogueEntry, writeCatalogueEntry } from "./catalogue.ts";
import type { MadeTemplate, MakeContext } from "./make-context.ts";
import { refuseFailedChecks } from "./refuse-failed-checks.ts";
import { type VerifyOptions, verifyTemplate } from "./verify-template.ts";

interface Adoption {
  /** Key of the catalogue that is to name the new version. */
  readonly key: string;
  /** Undefined takes the template unseen. */
  readonly verification: Pick<VerifyOptions, "isFull" | "sshConfig" | "timeoutMs"> | undefined;
}

/**
 * Verifies a template that was just made, and only then lets the catalogue name it. The version that it named so far
 * stays on the cluster.
 * @throws TEMPLATE_NOT_VERIFIED, and what the verification throws
 */
export async function adoptTemplate(
  context: MakeContext,
  { template, origin }: MadeTemplate,
  { key, verification }: Adoption,
): Promise<void> {
  const { changes, root, say } = context;
  if (!template.isTemplate) throw notConverted(template.name);
  const verified =
    verification === undefined
      ? undefined
      : await verifyTemplate(changes, template, { ...context, ...verification });
  if (verified !== undefined) refuseFailedChecks(template, verified.checks, say);
  const { version: _version, ...marker } = verified?.marker ?? {};
  const entry = catalogueEntry(template, { ...marker, ...origin });
  await writeCatalogueEntry(root, key, entry);
  say(`templates.${key} in vm-specs/_site.json is now ${template.name} (${template.vmId})`);
}

function notConverted(name: string): NixherdError {
  return new NixherdError("TEMPLATE_NOT_VERIFIED", {
    message: `${name} was made, but is no template.`,
    hint: "Look at its last tasks on the cluster.",
  });
}
