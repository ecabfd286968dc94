import { isStackName } from "../../specs/list-spec-files.ts";

/** Whose files changed: the name of a stack, or `everyStack` for what all of them may depend on. */
export type Area = string;

/** The site file, the defaults of all stacks, keys, hooks, modules, the flake, the app: no stack has this name. */
export const everyStack: Area = "*";

/** The area of a path below the repository's root, relative to it and with forward slashes. */
export function areaOf(path: string): Area {
  const [folder, stack = ""] = path.split("/");
  return folder === "vm-specs" && isStackName(stack) ? stack : everyStack;
}
