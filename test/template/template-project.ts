import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { makeProject, type Project, type Run } from "../cli/project.ts";
import type { TemplateCluster } from "./template-cluster.ts";

/** What templates are built with on the embedded cluster, from its golden template. */
export const templateBuild = {
  node: "pve1",
  datastore: "local-lvm",
  release: "26.05",
  nixpkgsRevision: "0123456789abcdef0123456789abcdef01234567",
  baseVmId: 9000,
};

export interface TemplateProject extends Project {
  /** Runs `nixherd template` against the cluster. */
  template(...args: readonly string[]): Promise<Run>;
  readonly environment: Readonly<Record<string, string>>;
  /** What the stand-in of Packer noted down, a line each. */
  packerLog(): Promise<string[]>;
}

/** A repository whose cluster is the given one, with a stand-in of Packer on PATH that ends as told. */
export async function makeTemplateProject(
  cluster: TemplateCluster,
  site: object = { templateBuild },
  standIn: Readonly<Record<string, string>> = {},
): Promise<TemplateProject> {
  const project = await makeProject();
  await project.write("vm-specs/_site.json", JSON.stringify(site, undefined, 2));
  const script = join(import.meta.dirname, "packer-stand-in.ts");
  await project.write("bin/packer", `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
  await chmod(join(project.root, "bin/packer"), 0o755);
  await project.write("packer.log", "");
  const environment = {
    ...cluster.environment,
    PATH: `${join(project.root, "bin")}:${process.env["PATH"]}`,
    STAND_IN_LOG: join(project.root, "packer.log"),
    ...standIn,
  };
  return {
    ...project,
    environment,
    template: (...args) => project.run(["template", ...args], environment),
    packerLog: async () => (await project.read("packer.log")).split("\n").filter((line) => line !== ""),
  };
}
