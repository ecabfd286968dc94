/** Whether a text names a machine for high availability: "vm:101" or "ct:101". */
export function isHaId(text: string): boolean {
  const match = /^(vm|ct):([+-]?\d+)$/.exec(text);
  const vmid = Number(match?.[2]);
  return match !== null && vmid >= 100 && vmid <= 999_999_999;
}

/** The kind in front of the colon: "vm" or "ct". */
export function kindOfHaId(id: string): string {
  return id.split(":")[0] ?? "";
}
