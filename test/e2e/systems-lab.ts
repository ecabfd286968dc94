import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { PipelineEvent } from "../../cli/pipeline/events.ts";
import { nixSettings, onStandIn } from "../nix/real-nix.ts";
import { machine, site } from "./machine-specs.ts";
import { terraformBinaries } from "./terraform-binaries.ts";
import { createTestRepository, type TestRepository } from "./test-repository.ts";

const nixherd = resolve("cli/nixherd.js");

/** Notes which machine it ran for and what it was given, as scripts/hooks/lib/result.sh does. */
const hook = `#!/usr/bin/env bash
set -euo pipefail
folder=.nixherd/hooks/$NIXHERD_STACK
mkdir -p "$folder"
echo "$NIXHERD_VM_NAME \${NIXHERD_SYSTEM:-none}" >>ran
printf '{"exitCode":0,"running":"%s","system":"%s"}' "\${NIXHERD_SYSTEM:-}" "\${NIXHERD_SYSTEM:-}" >"$folder/$NIXHERD_VM_ID.json"
`;

type EventOf<Name extends PipelineEvent["event"]> = Extract<PipelineEvent, { readonly event: Name }>;

/** What a run of nixherd told. */
interface Told {
  readonly exitCode: number | undefined;
  readonly all: string;
  /** The events of a name. */
  readonly events: <Name extends PipelineEvent["event"]>(name: Name) => EventOf<Name>[];
  /** Names of the machines whose NixOS step the plan runs, sorted. */
  readonly stepped: readonly string[];
}

/** A repository whose systems the Nix of this machine builds, over a stand-in of nixpkgs; its hook only takes notes. */
export interface SystemsLab {
  readonly repository: TestRepository;
  /** The environment without the mark of the embedded cluster, whose machines run no systems of Nix. */
  readonly environment: readonly string[];
  /** Runs nixherd as on a real cluster. */
  nixherd(...args: readonly string[]): Promise<Told>;
  /** Runs nixherd with more variables. */
  nixherdWith(variables: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Told>;
  /** Writes the module of a machine: one package in this version, and more. */
  configure(name: string, version: string, more?: string): void;
  /** Writes flake.lock. */
  lock(): Promise<void>;
  /** A line per run of the hook: the machine's name, and the system that it was given. */
  hooksRun(): string[];
}

/** web-1 (101) and web-2 (102) in stack prod, web-3 (151) in stack test; `variables` are added to its environment. */
export async function openSystemsLab(variables: Readonly<Record<string, string>> = {}): Promise<SystemsLab> {
  const [binary = "tofu"] = terraformBinaries();
  const names = { 101: "web-1", 102: "web-2", 151: "web-3" };
  const specs = Object.entries(names).map(([vmId, name]) => {
    const nixos = { modules: [`nix/hosts/${name}.nix`], buildOn: "local" };
    return [`${vmId === "151" ? "test" : "prod"}/${name}`, machine(Number(vmId), { nixos })];
  });
  const repository = await createTestRepository(binary, { _site: site, ...Object.fromEntries(specs) });
  const settings = Object.entries({ ...nixSettings, ...variables }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const environment = ["-u", "NIXHERD_EMBEDDED", ...settings];
  // Systems that no earlier run of the tests has left in the store.
  const salt = `${Date.now()}.${process.pid}`;
  const lab: SystemsLab = {
    repository,
    environment,
    nixherd: (...args) => lab.nixherdWith({}, ...args),
    async nixherdWith(more, ...args) {
      const settings = Object.entries(more).map(([name, value]) => `${name}=${value}`);
      const command = [...environment, ...settings, "node", nixherd, ...args, "--json"];
      const { stdout, all, exitCode } = await repository.run("env", command);
      return { exitCode, all, ...readEvents(stdout) };
    },
    configure(name, version, more = "") {
      const packages = `environment.systemPackages = [ (pkgs.package "app" "${version}") ];`;
      repository.write(`nix/hosts/${name}.nix`, `{ pkgs, ... }: { salt = "${salt}"; ${packages} ${more} }\n`);
    },
    async lock() {
      await repository.run("env", [...environment, "nix", "flake", "lock"]);
      await repository.run("git", ["add", "flake.lock"]);
    },
    hooksRun: () => readFileSync(`${repository.root}/ran`, "utf8").trim().split("\n"),
  };
  repository.write("scripts/hooks/post-apply.sh", hook);
  repository.write("flake.nix", onStandIn(readFileSync("flake.nix", "utf8")));
  for (const name of Object.values(names)) lab.configure(name, "1.0");
  return lab;
}

function readEvents(stdout: string): Pick<Told, "events" | "stepped"> {
  const all = stdout
    .split("\n")
    .flatMap((line): PipelineEvent[] => (line.startsWith("{") ? [JSON.parse(line)] : []));
  const events: Told["events"] = (name) => all.filter((event) => event.event === name) as never;
  const machines = events("plan").flatMap(({ plan }) => plan.machines);
  const stepped = machines
    .filter(({ nixos }) => nixos !== "none")
    .map(({ name }) => name)
    .toSorted();
  return { events, stepped };
}
