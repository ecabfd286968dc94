import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { askFor, refuseUnattended } from "../confirm.ts";
import { runSession, type Session } from "../run-session.ts";

const help = `
Examples:
  nixherd template list                                 versions, age, what came from them
  nixherd template build                                with Packer, from the base image
  nixherd template build --from installer               with Packer, from the installer ISO
  nixherd template import nixos.qcow2 --sha256 <hex>    without Packer, through the API alone
  nixherd template verify nixos-26.05                   boot two throw-away clones and look at them
  nixherd template prune --keep 2                       remove versions that nothing needs

What a build needs stands in templateBuild of vm-specs/_site.json: docs/template.md.`;

/** `nixherd template` */
export function addTemplate(program: Command): void {
  const template = program
    .command("template")
    .description("Golden templates: build, import, verify, list, prune.")
    .addHelpText("after", help);
  addList(template);
  addBuild(template);
  addImport(template);
  addVerify(template);
  addPrune(template);
}

function addList(template: Command): void {
  template
    .command("list")
    .description("List the templates of the cluster, their age, and which machines came from them.")
    .option("--json", "print one JSON object per template")
    .action(({ json = false }) => runSession({ json }, (session) => list(session, json)));
}

async function list(session: Session, json: boolean): Promise<number> {
  const { showTemplates } = await import("../pipeline/inspect-templates.ts");
  const { formatTemplates } = await import("../render/format-templates.ts");
  return showTemplates(session, (templates) => {
    if (!json) session.screen.print(formatTemplates(templates));
    else for (const each of templates) session.screen.print(JSON.stringify(each));
  });
}

function addBuild(template: Command): void {
  template
    .command("build")
    .description("Build the next version with Packer, verify it, and let the catalogue name it.")
    .addOption(
      new Option("--from <source>", "where to start")
        .choices(["image", "installer"] as const)
        .default("image"),
    )
    .addOption(keyOption())
    .option("--no-verify", "take the new version unseen")
    .option("--full", "verify with full clones, where the storage cannot link")
    .addOption(timeoutOption())
    .option("--remove-leftovers", "first remove what an earlier build left behind")
    .option("--json", "print events as lines of JSON")
    .action(({ from, key, verify, full = false, timeout, removeLeftovers = false, json }) =>
      runSession({ json }, async (session) => {
        const { makeTemplate } = await import("../pipeline/make-template.ts");
        return makeTemplate(session, {
          way: { source: from },
          key,
          isVerified: verify,
          isFull: full,
          timeoutMs: timeout * 1000,
          removesLeftovers: removeLeftovers,
        });
      }),
    );
}

function addImport(template: Command): void {
  template
    .command("import")
    .description("Make the next version from a qcow2 image, through the API alone; verify and note it.")
    .argument("<file>", "image of a NixOS, such as result/nixos-template-seabios.qcow2")
    .requiredOption("--sha256 <hex>", "checksum of the image", sha256)
    .addOption(keyOption())
    .option("--no-verify", "take the new version unseen")
    .option("--full", "verify with full clones, where the storage cannot link")
    .addOption(timeoutOption())
    .option("--remove-leftovers", "first remove what an earlier import left behind")
    .option("--json", "print events as lines of JSON")
    .action((file, { sha256: given, key, verify, full = false, timeout, removeLeftovers = false, json }) =>
      runSession({ json }, async (session) => {
        const { makeTemplate } = await import("../pipeline/make-template.ts");
        return makeTemplate(session, {
          way: { image: { file, sha256: given } },
          key,
          isVerified: verify,
          isFull: full,
          timeoutMs: timeout * 1000,
          removesLeftovers: removeLeftovers,
        });
      }),
    );
}

function addVerify(template: Command): void {
  template
    .command("verify")
    .description("Boot two throw-away clones of a template, look at them, and remove them.")
    .argument("<template>", "name, VMID, or key of the catalogue")
    .option("--full", "full clones, where the storage cannot link")
    .addOption(timeoutOption())
    .option("--json", "print events as lines of JSON")
    .action((name, { full = false, timeout, json }) =>
      runSession({ json }, async (session) => {
        const { verifyOne } = await import("../pipeline/inspect-templates.ts");
        return verifyOne(session, { template: name, isFull: full, timeoutMs: timeout * 1000 });
      }),
    );
}

function addPrune(template: Command): void {
  template
    .command("prune")
    .description("Remove old versions, but none that the catalogue or a linked clone needs.")
    .option("--keep <n>", "newest versions of each name that stay", wholeNumber, 2)
    .option("--yes", "do not ask (needed without a terminal)")
    .action(({ keep, yes = false }) =>
      runSession({}, async (session) => {
        refuseUnattended(yes, session.screen);
        const { pruneOld } = await import("../pipeline/inspect-templates.ts");
        const confirm = async (names: readonly string[]) => {
          const question = `Remove ${names.join(", ")} for good? Type yes: `;
          if (!yes) await askFor("yes", question, session.interrupt);
        };
        return pruneOld(session, { keep, confirm });
      }),
    );
}

function keyOption() {
  return new Option("--key <key>", "key of the catalogue (default: the name without its version)");
}

function timeoutOption() {
  return new Option("--timeout <seconds>", "how long the clones of the verification may take to be up")
    .argParser(wholeNumber)
    .default(600);
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number above 0.");
}

function sha256(text: string): string {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("A SHA-256 has 64 hexadecimal digits.");
}
