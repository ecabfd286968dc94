import { pointerOf } from "../json.ts";
import { lastDayOfSupport } from "../nixos-releases.ts";
import type { Rule } from "../rule.ts";

/** A template's NixOS release still gets security updates. */
export const templateIsSupported: Rule = {
  name: "template-is-supported",
  needsSite: true,
  *check({ site, siteFile: file, today }) {
    for (const [key, { release }] of Object.entries(site.templates)) {
      if (release === undefined || today <= lastDayOfSupport(release)) continue;
      const message = `is past its end of life, which was ${lastDayOfSupport(release)} (expected a supported release; nixherd template build makes a new version)`;
      yield { file, pointer: pointerOf(["templates", key, "release"]), message, severity: "warning" };
    }
  },
};
