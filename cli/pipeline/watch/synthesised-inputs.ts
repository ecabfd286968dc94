import { type Area, everyStack } from "../../../reconcile/watch/area.ts";
import { createInputsReader, type InputsLook } from "./look-at-inputs.ts";

/** What the last synthesis read. */
export interface SynthesisedInputs {
  /**
   * Whether all of these areas are, or are again, as the last synthesis read them; false where that is not known.
   * `everyStack` stands for all there are.
   */
  areUnchanged(areas: readonly Area[]): boolean;
  /**
   * A synthesis begins, which leaves the moving stacks out. Until it is kept, nothing is known; kept are the areas in
   * which nothing was written meanwhile, so that what it read is what was seen before it.
   */
  begin(moving: readonly string[]): { keep(): void };
  /** The next synthesis is needed, whatever the files say; also when one is running now. */
  forget(): void;
}

/** Nothing is known yet. */
export function createSynthesisedInputs(root: string): SynthesisedInputs {
  const reader = createInputsReader(root);
  let known: ReadonlyMap<Area, InputsLook> = new Map();
  let forgottenCount = 0;

  const isAsKnown = (area: Area): boolean => {
    const look = known.get(area);
    return look !== undefined && look.contents === reader.look(area)?.contents;
  };

  return {
    areUnchanged(areas) {
      const asked = areas.includes(everyStack) ? [...known.keys(), ...reader.areas()] : areas;
      return asked.length > 0 && [...new Set(asked)].every(isAsKnown);
    },
    begin(moving) {
      known = new Map();
      const forgottenBefore = forgottenCount;
      const areas = reader.areas().filter((area) => !moving.includes(area));
      const before = areas.map((area) => [area, reader.look(area)] as const);
      return {
        keep() {
          if (forgottenCount !== forgottenBefore) return;
          const kept = before.flatMap(([area, look]) =>
            look?.isSettled === true && look.identity === reader.look(area)?.identity
              ? [[area, look] as const]
              : [],
          );
          known = new Map(kept);
        },
      };
    },
    forget() {
      forgottenCount += 1;
      known = new Map();
    },
  };
}
