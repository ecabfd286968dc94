import { eachMachine, type Rule } from "../rule.ts";

/** A machine never has a template's VMID: it would take the template's place in the state, and in a destroy. */
export const vmIdIsNoTemplate: Rule = {
  name: "vm-id-is-no-template",
  needsSite: true,
  check: eachMachine(function* ({ spec }, { site }) {
    const taken = Object.entries(site.templates).find(([, template]) => template.vmId === spec.vmId);
    if (taken === undefined) return;
    yield {
      pointer: "/vmId",
      message: `${spec.vmId} is template "${taken[0]}" (expected a VMID of its own)`,
    };
  }),
};
