import { didYouMean } from "../did-you-mean.ts";
import { pointerOf } from "../json.ts";
import type { Rule } from "../rule.ts";

/** Bounds in the site file belong to a stack that exists: a misspelled one would bound nothing. */
export const siteStacksExist: Rule = {
  name: "site-stacks-exist",
  needsSite: true,
  *check({ site, siteFile: file, stacks }) {
    for (const name of Object.keys(site.stacks)) {
      if (stacks.includes(name)) continue;
      const hint = didYouMean(name, stacks) || ` (expected a folder vm-specs/${name})`;
      yield {
        file,
        pointer: pointerOf(["stacks", name]),
        message: `bounds no stack${hint}`,
        severity: "warning",
      };
    }
  },
};
