import type { MaintenanceWindow } from "../specs/schema/site-policy.ts";

const minutesOfDay = 24 * 60;
const minutesOfWeek = 7 * minutesOfDay;
const weekdays: readonly string[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** Whether a moment lies in one of the windows; the end of a window is not part of it. */
export function isInWindow(windows: readonly MaintenanceWindow[], now: Date): boolean {
  return windows.some((window) => {
    const minute = minuteOfWeek(now, window.timeZone);
    const [from, to] = [minuteOf(window.from), minuteOf(window.to)];
    const lengthMinutes = to > from ? to - from : to - from + minutesOfDay;
    return window.days.some((day) => {
      const begin = weekdays.indexOf(day) * minutesOfDay + from;
      // A window that begins on Sunday may end in the next week.
      return (minute - begin + minutesOfWeek) % minutesOfWeek < lengthMinutes;
    });
  });
}

/** Minutes since Monday, midnight, of the clock on the wall in that time zone. */
function minuteOfWeek(now: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(now);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  const day = weekdays.indexOf(part("weekday").toLowerCase());
  return day * minutesOfDay + Number(part("hour")) * 60 + Number(part("minute"));
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return hour * 60 + minute;
}
