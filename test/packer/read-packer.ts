import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@cdktn/hcl2json";

/** The folder of the Packer template. */
export const packerFolder = join(import.meta.dirname, "../../packer");

/** Its files, in the order in which their blocks are joined. */
export const packerFiles = ["versions.pkr.hcl", "variables.pkr.hcl", "nixos.pkr.hcl"] as const;

type PackerFile = (typeof packerFiles)[number];
type PackerTexts = Readonly<Record<PackerFile, string>>;

/** A block's arguments and nested blocks; expressions are texts in `${}`. */
export type Block = Readonly<Record<string, unknown>>;

/** The template as rules see it. */
export interface PackerTemplate {
  readonly required: Block;
  readonly variables: Readonly<Record<string, Block>>;
  /** By source type. */
  readonly sources: Readonly<Record<string, Block>>;
  /** In the order in which they run: type and arguments. */
  readonly provisioners: readonly { readonly type: string; readonly block: Block }[];
  readonly postProcessors: Block;
  /** Everything that was written, without its comments. */
  readonly code: string;
}

/** The texts of the template's files. */
export function readPackerTexts(): PackerTexts {
  const texts = packerFiles.map((file) => [file, readFileSync(join(packerFolder, file), "utf8")] as const);
  return Object.fromEntries(texts) as PackerTexts;
}

/** Parses the template; a syntax error is thrown with its place. */
export async function parsePacker(texts: PackerTexts): Promise<PackerTemplate> {
  const parsed = await Promise.all(packerFiles.map((file) => parse(file, texts[file])));
  const [versions = {}, variables = {}, main = {}] = parsed as Block[];
  const build = first(main["build"]);
  const sources = main["source"] as Readonly<Record<string, Block>>;
  return {
    required: first(versions["packer"]),
    variables: eachFirst(variables["variable"]),
    sources: Object.fromEntries(
      Object.entries(sources).map(([type, named]) => [type, first(named["nixos"])]),
    ),
    provisioners: orderedProvisioners(texts["nixos.pkr.hcl"], build["provisioner"]),
    postProcessors: build["post-processor"] as Block,
    code: packerFiles.map((file) => texts[file].replaceAll(/^\s*#.*$/gm, "")).join("\n"),
  };
}

/** hcl2json sorts blocks by their type; the text tells the order in which they stand. */
function orderedProvisioners(text: string, byType: unknown): PackerTemplate["provisioners"] {
  const waiting = new Map(
    Object.entries(byType as Record<string, Block[]>).map(([type, all]) => [type, [...all]]),
  );
  return [...text.matchAll(/^ {2}provisioner "([a-z-]+)"/gm)].map(([, type = ""]) => {
    const block = waiting.get(type)?.shift();
    if (block === undefined) throw new Error(`a provisioner "${type}" that was not parsed`);
    return { type, block };
  });
}

function eachFirst(named: unknown): Record<string, Block> {
  return Object.fromEntries(Object.entries(named as object).map(([name, blocks]) => [name, first(blocks)]));
}

function first(blocks: unknown): Block {
  const [block] = blocks as readonly Block[];
  if (block === undefined) throw new Error("a block is missing");
  return block;
}
