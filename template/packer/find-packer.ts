import { NixherdError } from "../../lib/errors.ts";
import { runCommand } from "../../lib/run-command.ts";

/** Oldest Packer that packer/ is written for. */
const oldest = { major: 1, minor: 14 };

/**
 * Checks that `packer` is on PATH and new enough, and gives its version.
 * @throws PACKER_MISSING
 */
export async function findPacker(root: string): Promise<string> {
  const version = await askVersion(root);
  const [, major, minor] = /v(\d+)\.(\d+)\.\d+/.exec(version ?? "") ?? [];
  if (version === undefined || major === undefined)
    throw missing("Packer is not on PATH, or does not start.");
  const isOld =
    Number(major) < oldest.major || (Number(major) === oldest.major && Number(minor) < oldest.minor);
  if (isOld) throw missing(`${version} is older than ${oldest.major}.${oldest.minor}.`);
  return version;
}

async function askVersion(root: string): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await runCommand({
      file: "packer",
      args: ["version"],
      cwd: root,
      env: { CHECKPOINT_DISABLE: "1" },
      timeoutMs: 30_000,
    });
    return exitCode === 0 ? stdout.split("\n")[0]?.trim() : undefined;
  } catch (error) {
    if (error instanceof NixherdError && error.code === "COMMAND_NOT_STARTED") return undefined;
    throw error;
  }
}

function missing(message: string): NixherdError {
  return new NixherdError("PACKER_MISSING", {
    message,
    hint: "Install Packer 1.14 or newer, or make the template with nixherd template import, which needs none.",
  });
}
