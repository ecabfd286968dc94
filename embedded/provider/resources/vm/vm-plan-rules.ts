import type { DraftChange } from "../../legacy/plan-change.ts";
import { objectSection, type Section } from "../../legacy/section.ts";
import { isList } from "../../wire/value.ts";

/** Rules over the planned VM as a whole, in the real provider's order. */
export const vmPlanRules: readonly ((draft: DraftChange) => void)[] = [
  addressesChangeWithNetwork,
  otherVmIdReplaces,
  otherNodeReplacesUnlessMigrated,
  otherTpmVersionReplaces,
  otherEfiTypeReplaces,
];

function addressesChangeWithNetwork(draft: DraftChange): void {
  if (!draft.hasChanged("started") && !draft.hasChanged("network_device")) return;
  for (const key of ["ipv4_addresses", "ipv6_addresses", "network_interface_names"]) draft.setUnknown(key);
}

// States of very old versions say -1: the right number there is a repair, no replacement.
function otherVmIdReplaces(draft: DraftChange): void {
  if (draft.hasChanged("vm_id") && String(draft.after("vm_id")) !== draft.id) draft.replaceFor(["vm_id"]);
}

function otherNodeReplacesUnlessMigrated(draft: DraftChange): void {
  if (draft.hasChanged("node_name") && draft.after("migrate") !== true) draft.replaceFor(["node_name"]);
}

function otherTpmVersionReplaces(draft: DraftChange): void {
  if (!hasOther(draft, "tpm_state", "version")) return;
  draft.replaceFor(["tpm_state", 0, "version"]);
}

function otherEfiTypeReplaces(draft: DraftChange): void {
  if (hasOther(draft, "efi_disk", "type")) draft.replaceFor(["efi_disk", 0, "type"]);
}

function hasOther(draft: DraftChange, block: string, key: string): boolean {
  const [before, after] = [first(draft.before(block)), first(draft.after(block))];
  const [old, next] = [before?.text(key) ?? "", after?.text(key) ?? ""];
  return old !== "" && next !== "" && old !== next;
}

function first(value: ReturnType<DraftChange["before"]>): Section | undefined {
  return isList(value) && value.length > 0 ? objectSection(value[0] ?? null) : undefined;
}
