import { eachMachine, type Rule } from "../rule.ts";

/** A linked clone lives on the template's storage: the server refuses another one. */
export const linkedCloneKeepsDatastore: Rule = {
  name: "linked-clone-keeps-datastore",
  check: eachMachine(function* ({ spec }) {
    if (spec.template.full || spec.template.datastore === undefined) return;
    const message = 'cannot be chosen for a linked clone (expected no datastore, or "full": true)';
    yield { pointer: "/template/datastore", message };
  }),
};
