import { TerraformResource, type TerraformResourceConfig } from "cdktf";
import type { Construct } from "constructs";

export interface TerraformDataProps
  extends Pick<TerraformResourceConfig, "dependsOn" | "lifecycle" | "provisioners"> {
  /** Values of which a change makes the resource anew, and so runs its provisioners again. */
  readonly triggersReplace: Readonly<Record<string, string>>;
}

/**
 * Terraform's built-in `terraform_data`. The CDK's own DataResource asks the `terraform` on PATH for its version once
 * per resource and fails where only OpenTofu is installed (cdktn 0.24.0).
 */
export class TerraformData extends TerraformResource {
  readonly #triggersReplace: TerraformDataProps["triggersReplace"];

  constructor(scope: Construct, id: string, props: TerraformDataProps) {
    const { triggersReplace, ...config } = props;
    super(scope, id, {
      ...config,
      terraformResourceType: "terraform_data",
      terraformGeneratorMetadata: { providerName: "terraform" },
    });
    this.#triggersReplace = triggersReplace;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { triggers_replace: this.#triggersReplace };
  }
}
