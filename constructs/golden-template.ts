import {
  DataProxmoxVirtualEnvironmentVms,
  type DataProxmoxVirtualEnvironmentVmsFilter,
  type VirtualEnvironmentVmClone,
} from "@cdktf/provider-proxmox";
import { Construct } from "constructs";
import type { WrittenSiteSpec } from "../specs/site-spec.ts";
import type { TemplateChoice } from "../specs/vm-spec.ts";
import { given } from "./vm/given.ts";

/** One entry of the template catalogue, as in `templates` of vm-specs/_site.json. */
export type TemplateEntry = NonNullable<WrittenSiteSpec["templates"]>[string];

export interface GoldenTemplateProps {
  /** Key of the template in the catalogue; errors name it. */
  readonly key: string;
  /** How the template is found (exactly one of name, tag and vmId), where it lies, and what its disks are like. */
  readonly entry: TemplateEntry;
}

/**
 * A golden template on the cluster. One that is found by name or tag is looked up at every plan. When none or
 * several match, the plan stops with one sentence, before any machine that would be cloned from it is touched.
 */
export class GoldenTemplate extends Construct {
  readonly key: string;
  readonly entry: TemplateEntry;
  readonly #lookup: DataProxmoxVirtualEnvironmentVms | undefined;

  constructor(scope: Construct, id: string, props: GoldenTemplateProps) {
    super(scope, id);
    this.key = props.key;
    this.entry = props.entry;
    this.#lookup = props.entry.vmId === undefined ? this.#lookUp() : undefined;
  }

  /** The `clone` block of a machine on `node`. `retries` stays unset: a second attempt takes over a foreign machine. */
  clone(choice: TemplateChoice, node: string): VirtualEnvironmentVmClone {
    return { ...this.#place(node), full: choice.full, ...given({ datastoreId: choice.datastore }) };
  }

  #place(node: string): { vmId: number; nodeName: string } {
    if (this.#lookup !== undefined) {
      const found = this.#lookup.vms.get(0);
      return { vmId: found.vmId, nodeName: found.nodeName };
    }
    const { vmId, node: templateNode } = this.entry;
    if (vmId === undefined) throw new Error(`template ${this.key} has neither name, tag nor vmId`);
    return { vmId, nodeName: templateNode ?? node };
  }

  #lookUp(): DataProxmoxVirtualEnvironmentVms {
    const { name, tag, node } = this.entry;
    const byName: DataProxmoxVirtualEnvironmentVmsFilter[] =
      name === undefined ? [] : [{ name: "name", values: [name] }];
    const lookup = new DataProxmoxVirtualEnvironmentVms(this, "Resource", {
      filter: [{ name: "template", values: ["true"] }, ...byName],
      ...given({ tags: tag === undefined ? undefined : [tag], nodeName: node }),
      lifecycle: {
        postcondition: [{ condition: `\${length(self.vms) == 1}`, errorMessage: this.#notOne() }],
      },
    });
    lookup.overrideLogicalId(`template-${this.key.replace(/[^A-Za-z0-9_-]/g, "_")}`);
    return lookup;
  }

  /** One sentence of what, one of what to do; Terraform fills in how many were found. */
  #notOne(): string {
    const { name, tag, node } = this.entry;
    const sought = name === undefined ? `the tag ${tag}` : `the name ${name}`;
    const where = node === undefined ? "on the cluster" : `on node ${node}`;
    return (
      `Golden template ${this.key}: exactly one template with ${sought} is needed ${where}, and the token sees \${length(self.vms)}. ` +
      "Build or import it, let the token see it (VM.Audit), start its node, or correct templates in vm-specs/_site.json."
    );
  }
}
