import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "vitest";

const script = join(import.meta.dirname, "../../scripts/hooks/lib/reboot-window.sh");

test.for([
  { window: "00:00-00:00", at: "2026-11-21 12:00", open: true },
  { window: "02:00-04:00", at: "2026-11-21 02:00", open: true },
  { window: "02:00-04:00", at: "2026-11-21 04:00", open: false },
  { window: "02:00-04:00", at: "2026-11-21 01:59", open: false },
  { window: "22:00-02:00", at: "2026-11-21 23:30", open: true },
  { window: "22:00-02:00", at: "2026-11-21 01:30", open: true },
  { window: "22:00-02:00", at: "2026-11-21 12:00", open: false },
  { window: "sat,sun 02:00-04:00", at: "2026-11-21 03:00", open: true },
  { window: "mon,sun 02:00-04:00", at: "2026-11-21 03:00", open: false },
  { window: "never", at: "2026-11-21 03:00", open: false },
  { window: "always", at: "2026-11-21 03:00", open: true },
])("at $at UTC the reboot window $window is open: $open", ({ window, at, open }, { expect }) => {
  const commands = `source '${script}'; date() { command date -d '${at} UTC' "$@"; }; may_reboot && echo true || echo false`;
  const answer = execFileSync("bash", ["-c", commands], { env: { ...process.env, NIXHERD_REBOOT: window } });
  expect(String(answer).trim()).toBe(String(open));
});
