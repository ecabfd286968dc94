import { VirtualEnvironmentVm } from "@cdktf/provider-proxmox";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { completeVmSpec } from "../specs/complete-vm-spec.ts";
import { mainAddress } from "../specs/main-address.ts";
import type { TemplateChoice, VmSpec, WrittenVmSpec } from "../specs/vm-spec.ts";
import type { GoldenTemplate } from "./golden-template.ts";
import { vmConfig } from "./vm/vm-config.ts";

/** A machine written in TypeScript: the keys of a spec file, whose schema describes them. */
export interface NixosVmProps extends Omit<WrittenVmSpec, "$schema" | "template"> {
  /** The golden template that it is cloned from. */
  readonly template: GoldenTemplate;
  /**
   * How it is cloned: full or linked, onto which datastore, replaced or not when the template changes.
   * @default a full clone onto the template's datastore, not replaced
   */
  readonly clone?: Partial<Omit<TemplateChoice, "name">>;
}

/** A machine that `readFleet` completed already. */
export interface CompleteNixosVmProps {
  readonly spec: VmSpec;
  readonly template: GoldenTemplate;
}

/** The Terraform address of the machine with this VMID. */
export function vmAddress(vmId: number): string {
  return `proxmox_virtual_environment_vm.vm-${vmId}`;
}

const vmIdsOfStack = new WeakMap<TerraformStack, Set<number>>();

/**
 * One virtual machine, cloned from a golden template. Its address is `proxmox_virtual_environment_vm.vm-<vmId>`
 * wherever it stands in the construct tree, so that moving or renaming it never destroys the machine.
 */
export class NixosVm extends Construct {
  readonly spec: VmSpec;
  /** The generated resource, for what this construct does not cover (`addOverride`). */
  readonly resource: VirtualEnvironmentVm;

  /**
   * @throws NixherdError INVALID_INPUT with every problem of a machine written in TypeScript
   */
  constructor(scope: Construct, id: string, props: NixosVmProps | CompleteNixosVmProps) {
    super(scope, id);
    const { template } = props;
    const spec = "spec" in props ? props.spec : completeProps(id, props);
    this.#claimVmId(spec.vmId);
    this.spec = spec;
    this.resource = new VirtualEnvironmentVm(
      this,
      "Resource",
      vmConfig(spec, template.clone(spec.template, spec.node)),
    );
    this.resource.overrideLogicalId(`vm-${spec.vmId}`);
  }

  /** The machine's address without prefix: the spec's first fixed one, else a Terraform expression of the first that the agent reports ("" if none). */
  get address(): string {
    return mainAddress(this.spec) ?? firstReported(vmAddress(this.spec.vmId));
  }

  /** Two resources of one address would be merged into one without a word. */
  #claimVmId(vmId: number): void {
    const stack = TerraformStack.of(this);
    const taken = vmIdsOfStack.get(stack) ?? new Set();
    if (taken.has(vmId))
      throw new Error(`${this.node.path}: the stack has another machine with vmId ${vmId}`);
    vmIdsOfStack.set(stack, taken.add(vmId));
  }
}

/** The id serves as the name where there is none; paths start from the working directory. */
function completeProps(id: string, { template, clone, ...written }: NixosVmProps): VmSpec {
  return completeVmSpec(
    { ...written, template: { ...clone, name: template.key } },
    { id, root: process.cwd(), site: { templates: { [template.key]: template.entry } } },
  );
}

/** Loopback and link-local addresses lead nowhere from outside. */
function firstReported(vm: string): string {
  const all = `flatten([${vm}.ipv4_addresses, ${vm}.ipv6_addresses])`;
  return `\${try([for a in ${all} : a if !can(regex("^(127\\\\.|169\\\\.254\\\\.|::1$|fe80:)", a))][0], "")}`;
}
