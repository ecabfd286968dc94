import { didYouMean } from "../did-you-mean.ts";
import { listWords } from "../list-words.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** A machine's template is in the site's catalogue. */
export const templateIsKnown: Rule = {
  name: "template-is-known",
  needsSite: true,
  check: eachMachine(function* ({ filled, spec }, { site, siteFile }) {
    const { name } = spec.template;
    if (Object.hasOwn(site.templates, name)) return;
    const known = Object.keys(site.templates);
    const hint =
      didYouMean(name, known) || ` (expected ${listWords(known) || "an entry there"}, got "${name}")`;
    const pointer = typeof filled.template === "string" ? "/template" : "/template/name";
    yield { pointer, message: `"${name}" is not among templates of ${siteFile}${hint}` };
  }),
};
