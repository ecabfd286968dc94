import { Construct } from "constructs";
import type { VmSpec } from "../specs/vm-spec.ts";
import { TerraformData } from "./terraform-data.ts";

export interface MachinePolicyProps {
  readonly spec: Pick<VmSpec, "vmId" | "policy">;
}

/**
 * What plans may do to a machine, kept in the state as `terraform_data.policy-<vmId>`: a plan that ends the machine
 * shows it even when the spec is gone. Terraform itself does nothing with it; `nixherd apply` and `check-plan` judge.
 */
export class MachinePolicy extends Construct {
  readonly resource: TerraformData;

  constructor(scope: Construct, id: string, { spec }: MachinePolicyProps) {
    super(scope, id);
    this.resource = new TerraformData(this, "Resource", { input: spec.policy });
    this.resource.overrideLogicalId(`policy-${spec.vmId}`);
  }
}

/** Whether a machine has a policy of its own. */
export function hasPolicy({ policy }: Pick<VmSpec, "policy">): boolean {
  return policy.neverDestroy || policy.powerCycle !== undefined || policy.maintenanceWindows !== undefined;
}
