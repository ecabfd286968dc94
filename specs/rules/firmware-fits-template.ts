import { entryOf } from "../json.ts";
import { eachMachine, type Rule } from "../rule.ts";
import type { SiteTemplate } from "../site-spec.ts";
import type { VmSpec } from "../vm-spec.ts";

/** Firmware and EFI disk are what the template was installed with: the server refuses a change only after the clone. */
export const firmwareFitsTemplate: Rule = {
  name: "firmware-fits-template",
  needsSite: true,
  check: eachMachine(function* ({ spec }, { site }) {
    const template = entryOf(site.templates, spec.template.name);
    if (template === undefined) return;
    if (spec.boot.firmware !== template.firmware) {
      const message = `is not the template's (expected "${template.firmware}", got "${spec.boot.firmware}")`;
      yield { pointer: "/boot/firmware", message };
    }
    const message = findEfiProblem(spec, template);
    if (message !== undefined) yield { pointer: "/boot/efi", message };
  }),
};

function findEfiProblem({ boot, template: { name } }: VmSpec, template: SiteTemplate): string | undefined {
  if (boot.efi === undefined) return undefined;
  if (boot.firmware !== "ovmf")
    return `does nothing under firmware "${boot.firmware}" (expected no EFI disk, or "ovmf")`;
  if (template.efiType === undefined)
    return `cannot be compared with the template's (expected templates.${name}.efiType in the site file)`;
  if (template.efiType === boot.efi.type) return undefined;
  return `differs from the template's EFI disk (expected type "${template.efiType}", got "${boot.efi.type}")`;
}
