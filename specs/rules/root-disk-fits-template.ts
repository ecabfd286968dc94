import { entryOf } from "../json.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** The template's root disk is among the disks, and not made smaller: the server refuses that only after the clone. */
export const rootDiskFitsTemplate: Rule = {
  name: "root-disk-fits-template",
  needsSite: true,
  check: eachMachine(function* ({ spec }, { site }) {
    const root = entryOf(site.templates, spec.template.name)?.rootDisk;
    if (root === undefined) return;
    const index = spec.disks.findIndex(({ slot }) => slot === root.slot);
    const disk = spec.disks[index];
    if (disk === undefined) {
      const message = `lacks the root disk of template "${spec.template.name}" (expected a disk in slot "${root.slot}" of at least ${root.sizeGiB} GiB)`;
      yield { pointer: "/disks", message };
    } else if (disk.sizeGiB < root.sizeGiB) {
      const message = `is smaller than the template's root disk (expected at least ${root.sizeGiB}, got ${disk.sizeGiB})`;
      yield { pointer: `/disks/${index}/sizeGiB`, message };
    }
  }),
};
