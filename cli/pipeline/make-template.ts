import { adoptTemplate } from "../../template/adopt-template.ts";
import { type BuildSource, buildTemplate } from "../../template/build-template.ts";
import { type Image, importTemplate } from "../../template/import-template.ts";
import { clearLeftovers } from "../../template/leftovers.ts";
import type { MakeContext } from "../../template/make-context.ts";
import { baseName } from "../../template/plan-version.ts";
import type { PipelineContext } from "./context.ts";
import { templateBuildOf, withTemplateSite } from "./open-template-site.ts";

export interface MakeRequest {
  /** With Packer from there, or without it from an image. */
  readonly way: { readonly source: BuildSource } | { readonly image: Image };
  /** Key of the catalogue; undefined is the name without the version. */
  readonly key: string | undefined;
  readonly isVerified: boolean;
  /** See VerifyOptions.isFull. */
  readonly isFull: boolean;
  readonly timeoutMs: number;
  readonly removesLeftovers: boolean;
}

/** Makes the next version of the template, verifies it and lets the catalogue name it. */
export function makeTemplate(context: PipelineContext, request: MakeRequest): Promise<number> {
  return withTemplateSite(context, async ({ site, ...shared }) => {
    const make: MakeContext = { ...shared, build: templateBuildOf(site) };
    const { root, changes, say } = make;
    await clearLeftovers(root, changes, { isAsked: request.removesLeftovers, say });
    const made =
      "image" in request.way
        ? await importTemplate(make, request.way.image)
        : await buildTemplate(make, request.way.source);
    const { isFull, timeoutMs } = request;
    const sshConfig = process.env["NIXHERD_SSH_CONFIG"] || undefined;
    await adoptTemplate(make, made, {
      key: request.key ?? baseName(make.build),
      verification: request.isVerified ? { isFull, timeoutMs, sshConfig } : undefined,
    });
    return 0;
  });
}
