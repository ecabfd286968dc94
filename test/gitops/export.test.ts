import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join, matchesGlob, resolve } from "node:path";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { atlantisProject } from "../../cli/pipeline/export/atlantis-project.ts";
import type { ExportedFleet } from "../../cli/pipeline/export/exported-stack.ts";
import { terraformResources } from "../../cli/pipeline/export/terraform-resources.ts";
import { fillSite } from "../../specs/read-site.ts";
import { makeProject, type Project } from "../cli/project.ts";

interface AtlantisFile {
  readonly projects: readonly {
    readonly name: string;
    readonly dir: string;
    readonly autoplan: { readonly when_modified: readonly string[] };
    readonly depends_on?: readonly string[];
  }[];
}

const golden = resolve("test/gitops/golden");
const situations = readdirSync(golden);

/** A repository with the specs of a situation, synthesised by the real app. */
async function openSituation(situation: string): Promise<Project> {
  const project = await makeProject();
  cpSync(join(golden, situation), project.root, { recursive: true });
  const app = `node ${resolve("stacks/main.ts")}`;
  await project.write("cdktf.json", JSON.stringify({ language: "typescript", app }));
  return project;
}

function violations(schema: string, value: unknown): unknown {
  const file = resolve("test/gitops/schemas", `${schema}.schema.json`);
  const check = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(file, "utf8")));
  return check(value) ? [] : check.errors;
}

/** The stacks that Atlantis plans for changed files: patterns count from a project's folder. */
function plannedFor({ projects }: AtlantisFile, ...files: readonly string[]): string[] {
  const isHit = (dir: string, pattern: string) => files.some((file) => matchesGlob(file, join(dir, pattern)));
  const hit = projects.filter(({ dir, autoplan }) =>
    autoplan.when_modified.some((pattern) => isHit(dir, pattern)),
  );
  return hit.map(({ name }) => name);
}

test.each(situations)(
  "%s gives its golden atlantis.yaml, in the form that Atlantis reads",
  async (situation) => {
    const project = await openSituation(situation);
    const exported = await project.run(["export", "atlantis"]);
    expect(exported.exitCode, exported.stderr).toBe(0);
    const text = await project.read("atlantis.yaml");
    expect(violations("atlantis", parse(text))).toEqual([]);
    await expect(text).toMatchFileSnapshot(join(golden, situation, "atlantis.yaml"));
  },
);

test.each(situations)(
  "%s gives its golden Terraform objects, in the form of their CRD",
  async (situation) => {
    const project = await openSituation(situation);
    const exported = await project.run(["export", "tofu-controller", "--out", "deploy/stacks.yaml"]);
    expect(exported.exitCode, exported.stderr).toBe(0);
    const text = await project.read("deploy/stacks.yaml");
    const documents = parseAllDocuments(text).map((document) => document.toJS() as unknown);
    for (const document of documents) expect(violations("terraform", document)).toEqual([]);
    await expect(text).toMatchFileSnapshot(join(golden, situation, "tofu-controller.yaml"));
  },
);

test("Atlantis plans a stack for what it is made from, and the others only for what they share", async () => {
  const project = await openSituation("several-stacks");
  await project.run(["export", "atlantis"]);
  const file = parse(await project.read("atlantis.yaml")) as AtlantisFile;
  const planned = (...files: string[]) => plannedFor(file, ...files);
  expect(planned("vm-specs/prod/web-1.json")).toEqual(["prod"]);
  expect(planned("vm-specs/prod/_defaults.json")).toEqual(["prod"]);
  expect(planned("announce/tell.sh")).toEqual(["prod"]);
  expect(planned("systems/flake.lock")).toEqual(["test"]);
  for (const shared of [
    "vm-specs/_site.json",
    "vm-specs/_defaults.json",
    "flake.lock",
    "checks/no-friday.sh",
  ])
    expect(planned(shared), shared).toEqual(["prod", "test"]);
  for (const shared of ["nix/modules/x.nix", "constructs/vm/disks.ts", "package-lock.json", "keys/ops.pub"])
    expect(planned(shared), shared).toEqual(["prod", "test"]);
  expect(planned("README.md", "docs/commands.md", "test/a.test.ts")).toEqual([]);
});

const fleet: ExportedFleet = {
  site: fillSite({}),
  stacks: [
    { name: "app", specsFolder: undefined, backend: "pg", dependencies: ["net"], sources: [] },
    { name: "net", specsFolder: "vm-specs/net", backend: "local", dependencies: [], sources: [] },
  ],
};

const request = {
  namespace: "infra",
  source: { kind: "GitRepository", name: "infra" },
  isAutoApproved: true,
  secret: "cluster",
  image: "registry.example.org/runner:1",
};

test("a stack that refers to another one waits for it", () => {
  const { projects } = atlantisProject(fleet) as AtlantisFile;
  expect(projects.map((project) => project.depends_on)).toEqual([["net"], undefined]);
  const objects = terraformResources(fleet, request) as { spec: { dependsOn?: object } }[];
  expect(objects.map(({ spec }) => spec.dependsOn)).toEqual([[{ name: "net" }], undefined]);
});

test("a stack of an app of one's own is planned from the root, for changed specs, too", () => {
  const file = atlantisProject(fleet) as AtlantisFile;
  expect(violations("atlantis", file)).toEqual([]);
  expect(file.projects[0]?.dir).toBe(".");
  expect(plannedFor(file, "vm-specs/net/_defaults.json")).toEqual(["app", "net"]);
});

test("what the cluster's owner chooses reaches every object; a plan is approved by itself only if asked for", () => {
  const objects = terraformResources(fleet, request) as { metadata: object; spec: object }[];
  expect(violations("terraform", objects[0])).toEqual([]);
  expect(objects[0]).toMatchObject({
    metadata: { namespace: "infra" },
    spec: {
      approvePlan: "auto",
      backendConfig: { disable: true },
      sourceRef: { kind: "GitRepository", name: "infra" },
      runnerPodTemplate: {
        spec: { image: request.image, envFrom: [{ secretRef: { name: "cluster" } }] },
      },
    },
  });
  const [waiting] = terraformResources(fleet, { ...request, isAutoApproved: false });
  expect(JSON.stringify(waiting)).not.toContain("approvePlan");
});

test("a stack that Kubernetes cannot name is refused before anything is written", () => {
  const odd = { ...fleet, stacks: fleet.stacks.map((stack) => ({ ...stack, name: "My_Stack" })) };
  expect(() => terraformResources(odd, request)).toThrow("No object of Kubernetes");
});

test("states in files are told, and specs with problems export nothing", async () => {
  const project = await openSituation("one-stack");
  const told = await project.run(["export", "atlantis"]);
  expect(told.stderr).toContain("The state of lab is a file");
  await project.write("vm-specs/lab/box-1.json", "{");
  const refused = await project.run(["export", "atlantis", "--out", "never.yaml"]);
  expect(refused.exitCode).toBe(2);
  await expect(project.read("never.yaml")).rejects.toThrow("ENOENT");
});

test("prints the file on request, and nothing else on stdout", async () => {
  const project = await openSituation("one-stack");
  const { stdout, exitCode } = await project.run(["export", "tofu-controller", "--out", "-"]);
  expect(exitCode).toBe(0);
  expect(`${stdout}\n`).toBe(readFileSync(join(golden, "one-stack", "tofu-controller.yaml"), "utf8"));
});
