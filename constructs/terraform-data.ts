import { TerraformResource, type TerraformResourceConfig } from "cdktf";
import type { Construct } from "constructs";
import { given } from "./vm/given.ts";

export interface TerraformDataProps
  extends Pick<TerraformResourceConfig, "dependsOn" | "lifecycle" | "provisioners"> {
  /** Values of which a change makes the resource anew, and so runs its provisioners again. */
  readonly triggersReplace?: Readonly<Record<string, string>>;
  /** What the state keeps; a change of it is an update. */
  readonly input?: object;
}

/**
 * Terraform's built-in `terraform_data`. The CDK's own DataResource asks the `terraform` on PATH for its version once
 * per resource and fails where only OpenTofu is installed (cdktn 0.24.0).
 */
export class TerraformData extends TerraformResource {
  readonly #values: object;

  constructor(scope: Construct, id: string, props: TerraformDataProps) {
    const { triggersReplace, input, ...config } = props;
    super(scope, id, {
      ...config,
      terraformResourceType: "terraform_data",
      terraformGeneratorMetadata: { providerName: "terraform" },
    });
    this.#values = given({ triggers_replace: triggersReplace, input });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...this.#values };
  }
}
