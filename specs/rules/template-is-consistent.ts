import { pointerOf } from "../json.ts";
import type { Rule } from "../rule.ts";

/** A template's EFI type goes with its firmware, and its drives have different slots. */
export const templateIsConsistent: Rule = {
  name: "template-is-consistent",
  needsSite: true,
  *check({ site, siteFile: file }) {
    for (const [key, { cloudInit, efiType, firmware, rootDisk }] of Object.entries(site.templates)) {
      const pointer = pointerOf(["templates", key]);
      if (efiType !== undefined && firmware !== "ovmf") {
        const message = `does nothing under firmware "${firmware}" (expected no efiType, or "ovmf")`;
        yield { file, pointer: `${pointer}/efiType`, message };
      }
      if (cloudInit.slot !== rootDisk.slot) continue;
      const message = `"${cloudInit.slot}" is the root disk's slot (expected another slot)`;
      yield { file, pointer: `${pointer}/cloudInit/slot`, message };
    }
  },
};
