import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openSystemdNotifier } from "../../cli/pipeline/watch/notify-systemd.ts";
import { evaluateNix, noNix } from "../nix/evaluate-nix.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

/** As much of nixpkgs as the module uses. */
const surroundings = `
  lib = {
    mkOption = option: option;
    mkEnableOption = text: text;
    mkIf = condition: value: if condition then value else { };
    escapeShellArgs = builtins.concatStringsSep " ";
    types = { str = 1; package = 1; listOf = _: 1; };
  };
  pkgs = builtins.listToAttrs (map (name: { inherit name; value = "/store/" + name; })
    [ "bash" "git" "nix" "nodejs_24" "openssh" "opentofu" "systemd" ]);
`;

function nixosService(more: string): Record<string, Record<string, unknown>> {
  const cfg = `{ enable = true; repository = "/srv/machines"; user = "nixherd"; environmentFile = "/run/secrets/nixherd"; arguments = [ ]; packages = [ ]; } // ${more}`;
  return evaluateNix(
    `(import ${resolve("nix/modules/watcher.nix")} { config.services.nixherd-watch = ${cfg}; ${surroundings} }).config.systemd.services.nixherd-watch`,
  ) as Record<string, Record<string, unknown>>;
}

test("the NixOS module runs the watcher with its arguments", ({ skip }) => {
  skip(noNix !== "", noNix);
  const { serviceConfig } = nixosService('{ arguments = [ "--git" "origin/main" ]; }');
  expect(serviceConfig).toMatchObject({
    ExecStart: "/store/nodejs_24/bin/node /srv/machines/cli/nixherd.js watch --git origin/main",
    WorkingDirectory: "/srv/machines",
    EnvironmentFile: "/run/secrets/nixherd",
  });
});

test("module and unit agree on how the service is ended and watched", ({ skip }) => {
  skip(noNix !== "", noNix);
  const unit = readFileSync("nix/nixherd-watch.service", "utf8");
  const fromUnit = Object.fromEntries(
    unit.split("\n").flatMap((line) => [/^(\w+)=(.*)$/.exec(line)?.slice(1) ?? []]),
  );
  const { serviceConfig } = nixosService("{ }");
  for (const key of [
    "Type",
    "NotifyAccess",
    "WatchdogSec",
    "KillMode",
    "TimeoutStopSec",
    "Restart",
    "NoNewPrivileges",
  ])
    expect(String(serviceConfig?.[key]), key).toBe(fromUnit[key]);
  expect(fromUnit["KillMode"]).toBe("mixed");
});

/** A systemd-notify that writes down what it is told. */
function standIn(): string {
  const folder = temporaryFolder(onTestFinished);
  writeFileSync(join(folder, "systemd-notify"), `#!/bin/sh\necho "$@" >>'${folder}/told'\n`);
  chmodSync(join(folder, "systemd-notify"), 0o755);
  vi.stubEnv("PATH", folder + delimiter + process.env["PATH"]);
  onTestFinished(() => void vi.unstubAllEnvs());
  return join(folder, "told");
}

test("systemd is told what happens, and twice in its time that the watcher lives", async () => {
  const told = standIn();
  const errors: string[] = [];
  const env = { NOTIFY_SOCKET: "/run/none", WATCHDOG_USEC: "100000" };
  const systemd = openSystemdNotifier(env, (text) => errors.push(text));
  onTestFinished(() => systemd.stop());
  await systemd.notify("READY=1", "STATUS=3 stacks");
  await until(() => {
    const text = readFileSync(told, { encoding: "utf8", flag: "a+" });
    return text.includes("READY=1 STATUS=3 stacks\n") && text.split("WATCHDOG=1").length > 3
      ? true
      : undefined;
  });
  expect(errors).toEqual([]);
});

test("without systemd nothing is started, and one that cannot be told is said once", async () => {
  vi.stubEnv("PATH", "/nowhere");
  onTestFinished(() => void vi.unstubAllEnvs());
  const errors: string[] = [];
  await openSystemdNotifier({}, (text) => errors.push(text)).notify("READY=1");
  expect(errors).toEqual([]);
  const systemd = openSystemdNotifier({ NOTIFY_SOCKET: "/run/none" }, (text) => errors.push(text));
  for (const line of ["READY=1", "STOPPING=1"]) await systemd.notify(line);
  expect(errors).toHaveLength(1);
});
