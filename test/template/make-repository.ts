import { onTestFinished } from "vitest";
import { startProvider } from "../../embedded/start-provider.ts";
import { copyRepository } from "../e2e/copy-repository.ts";
import type { TemplateCluster } from "./template-cluster.ts";
import { makeTemplateProject, type TemplateProject, templateBuild } from "./template-project.ts";

/** A whole repository on a cluster of its own, with the embedded provider. */
export async function makeRepository(cluster: TemplateCluster): Promise<TemplateProject> {
  const project = await makeTemplateProject(cluster, { templateBuild });
  copyRepository(project.root, ["packer"]);
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
