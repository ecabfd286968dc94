import { eachMachine, type Rule } from "../rule.ts";

/** A hook is a file that can be run. */
export const hooksAreExecutable: Rule = {
  name: "hooks-are-executable",
  check: eachMachine(function* ({ spec }, { findFile }) {
    for (const [index, path] of spec.hooks.postApply.entries()) {
      const file = findFile(path);
      if ("problem" in file || file.isExecutable) continue;
      const message = `"${path}" is not executable (expected a file that may be run: chmod +x ${path})`;
      yield { pointer: `/hooks/postApply/${index}`, message };
    }
  }),
};
