import { apiSchema } from "../check/schema.ts";

/** A request path found in the schema. */
export interface PathMatch {
  /** The schema's path, `/nodes/{node}/qemu/{vmid}`. */
  readonly template: string;
  readonly values: Readonly<Record<string, string>>;
}

interface Branch {
  readonly literals: Map<string, Branch>;
  parameter: { readonly name: string; readonly branch: Branch } | undefined;
  template: string | undefined;
}

function createBranch(): Branch {
  return { literals: new Map(), parameter: undefined, template: undefined };
}

function growBranch(branch: Branch, segment: string): Branch {
  const [, name] = /^\{(.+)\}$/.exec(segment) ?? [];
  if (name !== undefined) {
    branch.parameter ??= { name, branch: createBranch() };
    return branch.parameter.branch;
  }
  const grown = branch.literals.get(segment) ?? createBranch();
  branch.literals.set(segment, grown);
  return grown;
}

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

function growTree(): Branch {
  const root = createBranch();
  for (const template of apiSchema.keys()) segmentsOf(template).reduce(growBranch, root).template = template;
  return root;
}

const tree = growTree();

/** Volume ids contain slashes: the last parameter of `content/{volume}` takes the rest of the path. */
const takesRest = new Set(["volume"]);

/** Finds the schema's path for a request path of already decoded segments. */
export function matchPath(segments: readonly string[]): PathMatch | undefined {
  const values: Record<string, string> = {};
  let branch = tree;
  for (const [index, segment] of segments.entries()) {
    const literal = branch.literals.get(segment);
    if (literal !== undefined) {
      branch = literal;
      continue;
    }
    const { parameter } = branch;
    if (parameter === undefined) return undefined;
    branch = parameter.branch;
    const rest = takesRest.has(parameter.name);
    values[parameter.name] = rest ? segments.slice(index).join("/") : segment;
    if (rest) break;
  }
  return branch.template === undefined ? undefined : { template: branch.template, values };
}
