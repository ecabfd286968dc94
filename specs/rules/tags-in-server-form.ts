import { eachMachine, type Rule } from "../rule.ts";

const serverForm = /^[a-z0-9_][a-z0-9_\-+.]*$/;

/** Tags are as Proxmox VE returns them: otherwise every later plan wants to change them again. */
export const tagsInServerForm: Rule = {
  name: "tags-in-server-form",
  check: eachMachine(function* ({ filled }) {
    for (const [index, tag] of filled.tags.entries()) {
      if (serverForm.test(tag)) continue;
      const lower = tag.toLowerCase();
      const expected = serverForm.test(lower)
        ? `"${lower}"`
        : 'lower-case letters, digits, "_", and after the first "-", "+", "."';
      yield {
        pointer: `/tags/${index}`,
        message: `is no tag as the server writes it (expected ${expected}, got "${tag}")`,
      };
    }
  }),
};
