import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** What cdktn-cli needs in its environment; values the user set already are kept. */
export async function cliEnvironment(
  env: Readonly<NodeJS.ProcessEnv>,
  folder: string,
): Promise<Record<string, string>> {
  const wanted: Record<string, string> = {
    // Creation stacks cost more than half of the synthesis time and are only shown for errors inside the CDK.
    CDKTN_DISABLE_CREATION_STACK: "1",
    CHECKPOINT_DISABLE: "1",
    DISABLE_VERSION_CHECK: "1",
  };
  // `providers lock` asks the registry even when the provider is already running.
  if (env["TF_REATTACH_PROVIDERS"]) wanted["CDKTF_SKIP_PROVIDER_LOCK"] = "true";
  const binary = await findTerraformBinary(env["PATH"] ?? "", folder);
  if (binary !== undefined) wanted["TERRAFORM_BINARY_NAME"] = binary;
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => !env[name]));
}

/** `.tools/bin/tofu` of the project, then `tofu`, then `terraform` on PATH; the CLI alone would only look for `terraform`. */
async function findTerraformBinary(path: string, folder: string): Promise<string | undefined> {
  const folders = path.split(delimiter).filter((entry) => entry !== "");
  const candidates = [
    join(folder, ".tools", "bin", "tofu"),
    ...folders.map((entry) => join(entry, "tofu")),
    ...folders.map((entry) => join(entry, "terraform")),
  ];
  for (const candidate of candidates) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
