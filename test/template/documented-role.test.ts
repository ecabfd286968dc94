import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  needsOfBase,
  needsOfInstaller,
  needsOfTemplate,
  needsOfUpload,
  needsOfVerification,
} from "../../template/missing-privileges.ts";

test("The documented role has what a build checks for, and besides that only what saves time.", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/template.md"), "utf8");
  const role = /--privs "([^"]+)"/.exec(text)?.[1]?.split(/[\s\\]+/) ?? [];
  const planned = { vmId: 9001, datastore: "d", uploads: "u", bridge: "b" };
  const needs = [
    ...needsOfTemplate(planned),
    ...needsOfBase(8000),
    ...needsOfInstaller(planned),
    ...needsOfUpload(planned),
    ...needsOfVerification(9001),
  ];
  const needed = new Set(needs.flatMap(({ privileges }) => privileges));
  expect(role.toSorted()).toEqual([...needed, "Sys.Audit"].toSorted());
});
