import { createHash } from "node:crypto";
import type { LocalExecProvisioner } from "cdktf";
import { Construct } from "constructs";
import { hookEnvironment } from "../specs/hook-environment.ts";
import type { VmSpec } from "../specs/vm-spec.ts";
import type { NixosVm } from "./nixos-vm.ts";
import { TerraformData } from "./terraform-data.ts";

export interface NixosSystemProps {
  /** The machine that is to run the system. */
  readonly vm: NixosVm;
  /** Name of the stack, for records and messages. */
  readonly stack: string;
  /**
   * What tells one system from another: its store path without the git revision where the configuration was evaluated,
   * else a hash of the flake's files. A change runs the hook again.
   */
  readonly source: string;
  /**
   * Store path of the system if it was built here already. It does not tell systems apart: the hook then need not build.
   * @default the hook builds it
   */
  readonly system?: string;
  /**
   * Folder in which the hook runs, relative to the folder of cdk.tf.json.
   * @default "../../.." the repository's root
   */
  readonly workingDirectory?: string;
  /**
   * The hook, relative to the working directory.
   * @default "scripts/hooks/post-apply.sh"
   */
  readonly script?: string;
  /** Endpoint of the API for the hook when the environment names none. */
  readonly endpoint?: string;
}

/**
 * The NixOS step of one machine: a `terraform_data` resource "nixos-<vmId>" whose local-exec runs the hook after the
 * machine is there. It is made anew, and the hook run again, when the system, the spec's NixOS part, its own hooks or
 * the machine itself changed; a hook that failed leaves it tainted, so the next apply runs it again, and only it.
 */
export class NixosSystem extends Construct {
  readonly resource: TerraformData;

  constructor(scope: Construct, id: string, props: NixosSystemProps) {
    super(scope, id);
    const { spec, resource: machine } = props.vm;
    this.resource = new TerraformData(this, "Resource", {
      triggersReplace: {
        machine: machine.id,
        source: props.source,
        spec: hashOf(hookInputs(spec)),
      },
      dependsOn: [machine],
      provisioners: [runHook(props)],
    });
    this.resource.overrideLogicalId(`nixos-${spec.vmId}`);
  }
}

/** The parts of a spec that reach the guest through its NixOS configuration or through the hook. */
function hookInputs(spec: VmSpec): object {
  const { name, access, dns, networks, nixos, hooks } = spec;
  return { name, access, dns, addresses: networks.map(({ ipv4, ipv6 }) => ({ ipv4, ipv6 })), nixos, hooks };
}

function hashOf(value: object): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

function runHook(props: NixosSystemProps): LocalExecProvisioner {
  return {
    type: "local-exec",
    command: props.script ?? "scripts/hooks/post-apply.sh",
    workingDir: props.workingDirectory ?? "../../..",
    environment: hookEnvironment({
      spec: props.vm.spec,
      stack: props.stack,
      node: props.vm.resource.nodeName,
      address: props.vm.address,
      endpoint: props.endpoint,
      system: props.system,
    }),
  };
}
