import { Type } from "typebox";
import { forms } from "./forms.ts";
import { defaulted, section } from "./keys.ts";

/** How the machine comes from its template, written out. */
export const templateChoice = section("How the machine is cloned.", {
  name: Type.String({ description: "Key of templates in _site.json." }),
  full: defaulted(
    Type.Boolean({
      description:
        "Full clone (true), or a linked one (false) that shares the template's disk, is made at once and keeps the template from being removed. Default: true.",
    }),
    true,
  ),
  datastore: Type.Optional(
    Type.String({
      ...forms.datastore,
      description: "Storage of the full clone. Default: the template's, moved afterwards to where disks say.",
    }),
  ),
  replaceOnChange: defaulted(
    Type.Boolean({
      description:
        "A rebuilt template replaces the machine (destroys it and clones it again). False: it is used by new machines only. Default: false.",
    }),
    false,
  ),
});

/** The golden template that the machine is cloned from. */
export const template = Type.Union([Type.String(), templateChoice], {
  description:
    'Golden template: a key of templates in _site.json, or an object with that key as "name" and more about the clone. ' +
    "Used at creation; a later change does nothing unless replaceOnChange is true.",
  examples: ["nixos-26.05"],
});
