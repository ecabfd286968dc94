import { findRepeated } from "../find-repeated.ts";
import type { Rule } from "../rule.ts";

/** Two machines share a NixOS configuration only if both say so: names in two domains may be equal, flake attributes not. */
export const uniqueNixosAttribute: Rule = {
  name: "unique-nixos-attribute",
  *check({ machines }) {
    const unsaid = machines.flatMap((machine) => {
      const { nixos } = machine.spec;
      const { nixos: written } = machine.filled;
      return nixos === false || written === false
        ? []
        : [{ machine, nixos, isSaid: written.attribute !== undefined }];
    });
    for (const { first, again } of findRepeated(unsaid, ({ nixos }) => `${nixos.flake}#${nixos.attribute}`)) {
      if (first.isSaid && again.isSaid) continue;
      const message =
        `${first.machine.file} has the NixOS configuration "${again.nixos.attribute}" of the same flake too ` +
        "(expected a configuration of its own: another name or nixos.attribute)";
      yield { machine: again.machine, pointer: "/nixos/attribute", message };
    }
  },
};
