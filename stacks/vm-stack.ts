import { ProxmoxProvider } from "@cdktf/provider-proxmox";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { GoldenTemplate } from "../constructs/golden-template.ts";
import { hasPolicy, MachinePolicy } from "../constructs/machine-policy.ts";
import { NixosSystem, type NixosSystemProps } from "../constructs/nixos-system.ts";
import { NixosVm } from "../constructs/nixos-vm.ts";
import { given } from "../constructs/vm/given.ts";
import type { Machine, StackSpecs } from "../specs/fleet.ts";
import type { SiteSpec } from "../specs/site-spec.ts";
import { SiteBackend } from "./site-backend.ts";

export interface VmStackProps {
  readonly site: SiteSpec;
  readonly stack: StackSpecs;
  /** What a machine's system is; see NixosSystemProps. */
  readonly sourceOf: (machine: Machine) => Pick<NixosSystemProps, "source" | "system">;
}

/** Oldest Terraform and OpenTofu whose configuration language covers what is synthesised. */
const requiredVersion = ">= 1.8.0";

/** One folder of vm-specs/ as one Terraform configuration with one state. */
export class VmStack extends TerraformStack {
  readonly #templates = new Map<string, GoldenTemplate>();
  readonly #site: SiteSpec;

  constructor(scope: Construct, id: string, props: VmStackProps) {
    super(scope, id);
    this.#site = props.site;
    new SiteBackend(this, props.site.backend, props.stack.name);
    this.addOverride("terraform.required_version", requiredVersion);
    const { endpoint, insecure, minTls } = props.site.proxmox;
    new ProxmoxProvider(this, "proxmox", given({ endpoint, insecure, minTls }));

    const vms = props.stack.machines.map((machine) => this.#addMachine(machine, props));
    new TerraformOutput(this, "machines", {
      value: Object.fromEntries(vms.map((vm) => [vm.spec.vmId, describe(vm)])),
    });
  }

  #addMachine(machine: Machine, props: VmStackProps): NixosVm {
    const { spec } = machine;
    const description = spec.description === "" ? `Made by nixherd from ${machine.file}` : spec.description;
    const vm = new NixosVm(this, `vm-${spec.vmId}`, {
      spec: { ...spec, description },
      template: this.#template(spec.template.name),
    });
    if (hasPolicy(spec)) new MachinePolicy(this, `policy-${spec.vmId}`, { spec });
    if (needsHook(machine)) {
      new NixosSystem(this, `nixos-${spec.vmId}`, {
        vm,
        stack: machine.stack,
        ...props.sourceOf(machine),
        ...given({ endpoint: props.site.proxmox.endpoint }),
      });
    }
    return vm;
  }

  #template(key: string): GoldenTemplate {
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const entry = this.#site.templates[key];
    if (entry === undefined) throw new Error(`no template ${key} in the catalogue`);
    const template = new GoldenTemplate(this, `template-${key}`, { key, entry });
    this.#templates.set(key, template);
    return template;
  }
}

/** A stopped machine cannot be reached, and one without NixOS step and own hooks has nothing to run. */
function needsHook({ spec }: Machine): boolean {
  return spec.lifecycle.started && (spec.nixos !== false || spec.hooks.postApply.length > 0);
}

/** One machine in the stack's output. */
function describe(vm: NixosVm): object {
  const { spec, resource, address } = vm;
  return {
    id: spec.vmId,
    name: spec.name,
    node: resource.nodeName,
    address,
    addresses: { ipv4: resource.ipv4Addresses, ipv6: resource.ipv6Addresses },
    ssh: `ssh ${spec.access.user}@${address}`,
  };
}
