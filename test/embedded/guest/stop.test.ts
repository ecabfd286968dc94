import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openGuestLab, until } from "./guest-lab.ts";

test("stopping while a machine's power comes on ends with nothing that writes its files again", async () => {
  const lab = await openGuestLab();
  const boot = lab.boot();
  await lab.stop();
  await boot;
  expect(existsSync(lab.folder)).toBe(false);
});

test("stopping while a machine's SSH server begins to listen ends the server, too", async () => {
  const lab = await openGuestLab({ bootMs: 0 });
  await lab.boot();
  // The timer that opens the server has fired by now; the server itself needs longer.
  await new Promise((resolve) => setTimeout(resolve, 1));
  await lab.stop();
  await until("no socket is open", async () => !openHandles().includes("TCPServerWrap"));
  expect(existsSync(join(lab.folder, "ssh_config"))).toBe(false);
});

function openHandles(): readonly string[] {
  return process.getActiveResourcesInfo();
}
