import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { runSession } from "../run-session.ts";

const atlantisHelp = `
Examples:
  nixherd export atlantis               write atlantis.yaml: a project a stack, and their workflow
  nixherd export atlantis --out -       print it

The server must allow the workflow: docs/gitops/atlantis.md.`;

const controllerHelp = `
Examples:
  nixherd export tofu-controller                             one Terraform object a stack; plans wait for approval
  nixherd export tofu-controller --approve-plan auto         nobody is asked, and no policy judges
  nixherd export tofu-controller --source GitRepository/infra --namespace infra --out deploy/stacks.yaml

What the source has to hold: docs/gitops/tofu-controller.md.`;

/** `nixherd export` */
export function addExport(program: Command): void {
  const group = program
    .command("export")
    .description("Write what Atlantis or tofu-controller need to know about the stacks.");
  addAtlantis(group);
  addController(group);
}

function addAtlantis(group: Command): void {
  group
    .command("atlantis")
    .description("The project file of Atlantis.")
    .addOption(outOption("atlantis.yaml"))
    .addHelpText("after", atlantisHelp)
    .action(({ out }) =>
      runSession({}, async (session) => {
        const { exportStacks } = await import("../pipeline/export/export-stacks.ts");
        const { atlantisProject } = await import("../pipeline/export/atlantis-project.ts");
        const documents = (fleet: Parameters<typeof atlantisProject>[0]) => [atlantisProject(fleet)];
        return exportStacks(session, { command: "nixherd export atlantis", out, documents });
      }),
    );
}

function addController(group: Command): void {
  group
    .command("tofu-controller")
    .description("The Terraform objects of tofu-controller (Flux).")
    .addOption(outOption("tofu-controller.yaml"))
    .option("--namespace <name>", "namespace of the objects", "flux-system")
    .option(
      "--source <kind/name>",
      "Flux source that holds the synthesised repository",
      readSource,
      readSource("OCIRepository/nixherd"),
    )
    .addOption(
      new Option("--approve-plan <how>", "who approves plans").choices(["manual", "auto"]).default("manual"),
    )
    .option("--secret <name>", "secret with the runner's environment", "nixherd")
    .option("--image <image>", "image of the runner, with what the hooks need")
    .addHelpText("after", controllerHelp)
    .action(({ out, approvePlan, image, ...request }) =>
      runSession({}, async (session) => {
        const { exportStacks } = await import("../pipeline/export/export-stacks.ts");
        const { terraformResources } = await import("../pipeline/export/terraform-resources.ts");
        const whole = { ...request, image, isAutoApproved: approvePlan === "auto" };
        const documents = (fleet: Parameters<typeof terraformResources>[0]) =>
          terraformResources(fleet, whole);
        return exportStacks(session, { command: "nixherd export tofu-controller", out, documents });
      }),
    );
}

function outOption(file: string) {
  return new Option("--out <file>", 'file to write, "-" for stdout').default(file);
}

function readSource(text: string): { readonly kind: string; readonly name: string } {
  const [, kind, name] = /^(OCIRepository|GitRepository|Bucket)\/([a-z0-9][a-z0-9.-]*)$/.exec(text) ?? [];
  if (kind !== undefined && name !== undefined) return { kind, name };
  throw new InvalidArgumentError("A source is OCIRepository/<name>, GitRepository/<name> or Bucket/<name>.");
}
