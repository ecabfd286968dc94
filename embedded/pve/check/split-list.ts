/** Elements of a list as Proxmox VE takes them: separated by commas, semicolons, spaces or NUL. */
export function splitList(text: string | number | undefined): string[] {
  return String(text ?? "")
    .split(/[\s,;\0]+/)
    .filter((element) => element !== "");
}
