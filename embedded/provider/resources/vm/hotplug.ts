import type { Check } from "../../legacy/field.ts";
import type { Section } from "../../legacy/section.ts";

const features = ["cpu", "disk", "memory", "network", "usb"];
const wholeSettings = ["", "0", "1"];
/** What the server hot-plugs when nothing is configured. */
const serverDefault = "network,disk,usb";

/** A list of hot-plug features without repeats, "0" for none or "1" for all. */
export const hotplugSetting: Check = (value, { name }) => {
  if (wholeSettings.includes(String(value))) return [];
  const parts = String(value).split(",");
  for (const [index, part] of parts.entries()) {
    if (!features.includes(part)) {
      return [
        `${name}: "${part}" is not a valid hotplug feature (must be cpu, disk, memory, network, usb, 0, or 1)`,
      ];
    }
    if (parts.indexOf(part) < index) return [`${name}: duplicate hotplug feature "${part}"`];
  }
  return [];
};

/** Whether two settings name the same features. */
export function isSameHotplug(before: string, after: string): boolean {
  if (["0", "1"].includes(before) || ["0", "1"].includes(after)) return before === after;
  return before.split(",").sort().join() === after.split(",").sort().join();
}

/** Whether a machine takes a change of this kind while it runs. */
export function isHotpluggable(now: Section, feature: string): boolean {
  const setting = now.text("hotplug") === "" ? serverDefault : now.text("hotplug");
  if (setting === "0" || setting === "1") return setting === "1";
  return setting.split(",").some((part) => part.trim() === feature);
}
