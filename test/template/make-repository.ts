import { cpSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { startProvider } from "../../embedded/start-provider.ts";
import type { TemplateCluster } from "./template-cluster.ts";
import { makeTemplateProject, type TemplateProject, templateBuild } from "./template-project.ts";

/** What a user's repository holds besides vm-specs/, as test/e2e has it. */
const parts = [
  "cdktf.json",
  "constructs",
  "flake.nix",
  "lib",
  "nix",
  "package.json",
  "packer",
  "scripts",
  "specs",
  "stacks",
];

/** A whole repository on a cluster of its own, with the embedded provider. */
export async function makeRepository(cluster: TemplateCluster): Promise<TemplateProject> {
  const project = await makeTemplateProject(cluster, { templateBuild });
  for (const part of parts) cpSync(resolve(part), join(project.root, part), { recursive: true });
  for (const part of ["node_modules", "packages"]) symlinkSync(resolve(part), join(project.root, part));
  const log = (): void => undefined;
  const provider = await startProvider({ environment: { ...cluster.environment }, log, onEnd: log });
  onTestFinished(provider.stop);
  const environment = {
    ...project.environment,
    TF_REATTACH_PROVIDERS: provider.reattach,
    CDKTF_SKIP_PROVIDER_LOCK: "true",
    CHECKPOINT_DISABLE: "1",
  };
  return {
    ...project,
    environment,
    run: (args, more = {}) => project.run(args, { ...environment, ...more }),
  };
}
