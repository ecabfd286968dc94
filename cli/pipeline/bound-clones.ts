import type { PlannedStack } from "./plan-stack.ts";

interface CloneBounds {
  /** Machines of one stack that Terraform works on at once. */
  readonly parallelism: number;
  /** Clones at once from one template, or onto one datastore. */
  readonly clonesAtOnce: number;
  readonly stacksAtOnce: number;
}

/** How many stacks are applied at once, and how many machines of each. */
interface ApplyLanes {
  readonly stacksAtOnce: number;
  parallelismOf(stack: string): number;
}

/**
 * Divides the clones that one template, or one datastore, may have at once among the stacks whose plans share it.
 * Terraform bounds all of a stack's work together, so a stack that clones does its other work as slowly; stacks that clone
 * nothing are not held back.
 */
export function boundClones(
  stacks: readonly Pick<PlannedStack, "name" | "planJson">[],
  { parallelism, clonesAtOnce, stacksAtOnce }: CloneBounds,
): ApplyLanes {
  const placesOf = new Map(stacks.map(({ name, planJson }) => [name, clonePlaces(planJson)]));
  const sharers = (place: string): number =>
    [...placesOf.values()].filter((places) => places.has(place)).length;
  const mostSharers = (places: ReadonlySet<string>): number => Math.max(0, ...[...places].map(sharers));
  const needed = Math.max(0, ...[...placesOf.values()].map(mostSharers));
  const lanes = needed > clonesAtOnce ? Math.min(stacksAtOnce, clonesAtOnce) : stacksAtOnce;
  return {
    stacksAtOnce: lanes,
    parallelismOf: (stack) => {
      const sharing = Math.min(mostSharers(placesOf.get(stack) ?? new Set()), lanes);
      return sharing === 0 ? parallelism : Math.min(parallelism, Math.floor(clonesAtOnce / sharing));
    },
  };
}

/** The templates that a plan clones, and the datastores that it clones onto. */
function clonePlaces(planJson: PlannedStack["planJson"]): ReadonlySet<string> {
  const places = (planJson.resource_changes ?? []).flatMap(({ change }) => {
    if (!change.actions.includes("create")) return [];
    const { clone, disk } = (change.after ?? {}) as ClonedMachine;
    const source = clone?.[0];
    if (source === undefined) return [];
    const datastore = source.datastore_id || disk?.[0]?.datastore_id;
    return [`template ${source.vm_id}`, ...(datastore ? [`datastore ${datastore}`] : [])];
  });
  return new Set(places);
}

/** What is read here of a planned machine, as the provider names it. */
interface ClonedMachine {
  readonly clone?: readonly { readonly vm_id?: number; readonly datastore_id?: string }[];
  readonly disk?: readonly { readonly datastore_id?: string }[];
}
