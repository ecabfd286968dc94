import { pointerOf } from "../json.ts";
import type { Rule } from "../rule.ts";

/** A template of the catalogue is looked up by exactly one of name, tag and vmId. */
export const templateIsFoundOneWay: Rule = {
  name: "template-is-found-one-way",
  needsSite: true,
  *check({ site, siteFile }) {
    for (const [key, { name, tag, vmId }] of Object.entries(site.templates)) {
      const ways = Object.entries({ name, tag, vmId }).filter(([, value]) => value !== undefined);
      if (ways.length === 1) continue;
      const got = ways.length === 0 ? "none" : ways.map(([way]) => way).join(" and ");
      const message = `is not found by one thing (expected exactly one of name, tag and vmId, got ${got})`;
      yield { file: siteFile, pointer: pointerOf(["templates", key]), message };
    }
  },
};
