import { expect, test } from "vitest";
import { isInWindow } from "../../reconcile/maintenance-windows.ts";

const night = { days: ["sat"] as const, from: "22:00", to: "02:00", timeZone: "UTC" };
const windows = [{ ...night, days: [...night.days] }];

test.each([
  ["2026-11-21T21:59:59Z", false],
  ["2026-11-21T22:00:00Z", true],
  ["2026-11-22T01:59:59Z", true],
  ["2026-11-22T02:00:00Z", false],
  ["2026-11-22T22:00:00Z", false],
])("A window over midnight: %s is inside: %s.", (moment, expected) => {
  expect(isInWindow(windows, new Date(moment))).toBe(expected);
});

test("A window that begins on Sunday night ends on Monday.", () => {
  const sunday = [{ days: ["sun" as const], from: "23:00", to: "01:00", timeZone: "UTC" }];
  expect(isInWindow(sunday, new Date("2026-11-23T00:30:00Z"))).toBe(true);
});

test("Days and times are those of the window's own time zone, summer time included.", () => {
  const berlin = [{ days: ["mon" as const], from: "02:00", to: "03:00", timeZone: "Europe/Berlin" }];
  expect(isInWindow(berlin, new Date("2026-07-06T00:30:00Z"))).toBe(true);
  expect(isInWindow(berlin, new Date("2026-11-23T01:30:00Z"))).toBe(true);
  expect(isInWindow(berlin, new Date("2026-11-23T00:30:00Z"))).toBe(false);
});

test("A window from a time to the same time lasts a whole day.", () => {
  const day = [{ days: ["wed" as const], from: "00:00", to: "00:00", timeZone: "UTC" }];
  expect(isInWindow(day, new Date("2026-11-25T23:59:00Z"))).toBe(true);
  expect(isInWindow(day, new Date("2026-11-26T00:00:00Z"))).toBe(false);
});

test("Without windows nothing is inside.", () => {
  expect(isInWindow([], new Date())).toBe(false);
});
