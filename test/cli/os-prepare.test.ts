import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OsLab, openOsLab } from "./os-lab.ts";
import { eventsOf } from "./project.ts";

let lab: OsLab;

beforeAll(async () => {
  lab = await openOsLab([
    { stack: "demo", name: "web-1", vmId: 101, spec: { nixos: { buildOn: "target" } } },
  ]);
});

afterAll(() => lab?.stop());

const running = () => readlinkSync(join(lab.machine(101).root, "run/current-system"));
const resultOf = (run: { readonly stdout: string }) =>
  eventsOf(run).find(({ event }) => event === "os-result") ?? {};

test("build and dry-activate bring the system there and activate nothing; diff tells what differs", async () => {
  const before = running();
  const built = resultOf(await lab.os(["dry-activate", "web-1", "--json"]));
  expect(built).toMatchObject({
    state: "ok",
    result: {
      system: expect.stringMatching(/nixos-system-web-1/),
      plan: ["would activate the configuration..."],
    },
  });
  expect(await lab.os(["build", "web-1"])).toMatchObject({ exitCode: 0 });
  const { stdout } = await lab.os(["diff", "web-1"]);
  expect(stdout).toMatch(/^ {2}- {2}nixos-system-nixos {2}26\.05\.embedded {2}/m);
  expect(stdout).toMatch(/^ {2}\+ {2}nixos-system-web-1 {2}26\.05\.embedded {2}/m);
  expect(running()).toBe(before);
});

test("a build that fails is told in nix's words, and with the hook's advice", async () => {
  await lab.write("flake.nix", "{ outputs = _: { }; } # embedded: fail build\n");
  const { exitCode, stdout, stderr } = await lab.os(["build", "web-1"]);
  expect(exitCode).toBe(1);
  expect(stdout).toContain("embedded: fail build");
  expect(stderr).toMatch(
    /error BUILD_FAILED: demo: web-1 \(101\): nixosConfigurations\.web-1 of \. could not be built/,
  );
});
