import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { adminToken, type Lab, startLab } from "./lab.ts";

let lab: Lab;
const machine = "/nodes/pve1/qemu/101";

beforeEach(async () => {
  lab = await startLab({ tokens: [{ id: adminToken }, { id: "user@pve!key", role: "PVETemplateUser" }] });
  await lab.clone(101);
});
afterEach(() => lab.pve.stop());

describe("a key that is sent", () => {
  const send = (key: string) => lab.admin("PUT", `${machine}/sendkey`, { params: { key } });

  test("reaches a machine that runs", async () => {
    expect((await send("ret")).reason).toBe("VM 101 not running");
    await lab.start(101);
    for (const key of ["a", "1", "shift-semicolon", "ctrl-alt-f12", "kp_enter", "0x1c"])
      expect(await send(key)).toMatchObject({ status: 200, data: null });
  });

  test("must be one", async () => {
    await lab.start(101);
    for (const [key, part] of [
      ["colon", "colon"],
      ["ctrl-", ""],
      ["ctrl-A", "A"],
    ] as const)
      expect(await send(key)).toMatchObject({ status: 500, reason: `invalid parameter: ${part}`.trim() });
  });

  test("needs the console's privilege", async () => {
    const answer = await lab.as("user@pve!key")("PUT", `${machine}/sendkey`, { params: { key: "a" } });
    expect(answer.reason).toBe("Permission check failed (/vms/101, VM.Console)");
  });
});
