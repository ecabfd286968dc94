import { choosePrunable } from "../../template/choose-prunable.ts";
import { findTemplate, listTemplates } from "../../template/cluster-template.ts";
import { type DescribedTemplate, describeTemplates } from "../../template/describe-templates.ts";
import { linkedClones } from "../../template/linked-clones.ts";
import { pruneTemplates } from "../../template/prune-templates.ts";
import { refuseFailedChecks } from "../../template/refuse-failed-checks.ts";
import { verifyTemplate } from "../../template/verify-template.ts";
import type { PipelineContext } from "./context.ts";
import { withTemplateSite } from "./open-template-site.ts";

/** Hands the templates of the cluster to `show`. */
export function showTemplates(
  context: PipelineContext,
  show: (templates: readonly DescribedTemplate[]) => void,
): Promise<number> {
  return withTemplateSite(context, async ({ changes, catalogue }) => {
    show(await describeTemplates(changes, catalogue));
    return 0;
  });
}

interface VerifyRequest {
  /** Name, VMID, or key of the catalogue. */
  readonly template: string;
  readonly isFull: boolean;
  readonly timeoutMs: number;
}

/** Verifies a template that is on the cluster. */
export function verifyOne(context: PipelineContext, request: VerifyRequest): Promise<number> {
  return withTemplateSite(context, async (site) => {
    const entry = site.catalogue[request.template];
    const sought = entry?.vmId ?? entry?.name ?? request.template;
    const template = await findTemplate(site.changes, String(sought));
    const sshConfig = process.env["NIXHERD_SSH_CONFIG"] || undefined;
    const { checks } = await verifyTemplate(site.changes, template, { ...site, ...request, sshConfig });
    refuseFailedChecks(template, checks, site.say);
    return 0;
  });
}

interface PruneRequest {
  readonly keep: number;
  /** Asks before anything is removed; throws when the answer is no. */
  readonly confirm: (names: readonly string[]) => Promise<void>;
}

/** Removes old versions that nothing needs. */
export function pruneOld(context: PipelineContext, { keep, confirm }: PruneRequest): Promise<number> {
  return withTemplateSite(context, async (site) => {
    const [templates, linked] = await Promise.all([listTemplates(site.changes), linkedClones(site.changes)]);
    const choices = choosePrunable(templates, { keep, linked, catalogue: site.catalogue });
    for (const { template, because } of choices) {
      const fate = because === "" ? "goes" : `stays: ${because}`;
      site.say(`${template.name} (${template.vmId}) ${fate}`);
    }
    const going = choices.filter(({ because }) => because === "");
    if (going.length === 0) return 0;
    await confirm(going.map(({ template }) => template.name));
    return (await pruneTemplates(site.changes, choices, site)) === 0 ? 0 : 1;
  });
}
