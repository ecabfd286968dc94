import { type Catalogue, keysOf } from "./catalogue-keys.ts";
import type { ClusterTemplate } from "./cluster-template.ts";
import { parseTemplateName } from "./template-name.ts";

export interface PruneRules {
  /** Newest versions of each name that stay. */
  readonly keep: number;
  readonly catalogue: Catalogue;
  /** Machines that read through to a template, by its VMID. */
  readonly linked: ReadonlyMap<number, ReadonlySet<number>>;
}

/** What becomes of one template; `because` says why it stays, and is "" when it goes. */
export interface PruneChoice {
  readonly template: ClusterTemplate;
  readonly because: string;
}

/**
 * Decides about every template whose name counts versions, oldest first; others are nobody's to prune. One stays when it
 * is among the newest of its name, in the catalogue, or needed by a linked clone.
 */
export function choosePrunable(templates: readonly ClusterTemplate[], rules: PruneRules): PruneChoice[] {
  const versioned = templates.flatMap((template) => {
    const name = parseTemplateName(template.name);
    return name === undefined ? [] : [{ template, ...name }];
  });
  const families = Map.groupBy(versioned, ({ base }) => base);
  return [...families.values()].flatMap((family) => {
    const sorted = family.toSorted((left, right) => left.version - right.version);
    return sorted.map(({ template }, index) => ({
      template,
      because: reasonToStay(template, sorted.length - index <= rules.keep, rules),
    }));
  });
}

function reasonToStay(template: ClusterTemplate, isNew: boolean, { catalogue, linked }: PruneRules): string {
  if (keysOf(template, catalogue).length > 0) return "the catalogue uses it";
  const clones = [...(linked.get(template.vmId) ?? [])].toSorted((left, right) => left - right);
  if (clones.length > 0) return `linked clones need it: ${clones.join(", ")}`;
  return isNew ? "it is among the newest" : "";
}
