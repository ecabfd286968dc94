import type { RecordedResource } from "./recording.ts";

interface StateFile {
  readonly resources: readonly StateResource[];
}

interface StateResource {
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly instances: readonly {
    readonly index_key?: number | string;
    readonly status?: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
}

/** A state file (version 4) that holds these resources; `host` is the registry that the binary takes for granted. */
export function stateOfResources(resources: readonly RecordedResource[], host: string): object {
  return {
    version: 4,
    terraform_version: "1.11.4",
    serial: 1,
    lineage: "00000000-0000-4000-8000-000000000000",
    outputs: {},
    resources: resources.map((resource) => ({
      mode: resource.mode,
      type: resource.type,
      name: resource.name,
      provider: `provider["${host}/bpg/proxmox"]`,
      instances: [
        {
          schema_version: 0,
          ...(resource.index === undefined ? {} : { index_key: resource.index }),
          ...(resource.tainted === true ? { status: "tainted" } : {}),
          ...(resource.dependsOn === undefined ? {} : { dependencies: resource.dependsOn }),
          attributes: resource.values,
        },
      ],
    })),
  };
}

/** The resources of a state file. */
export function resourcesOfState(
  text: string,
): readonly Pick<RecordedResource, "address" | "tainted" | "values">[] {
  const { resources } = JSON.parse(text) as StateFile;
  return resources.flatMap(({ mode, type, name, instances }) =>
    instances.map(({ index_key: index, status, attributes }) => {
      const key = index === undefined ? "" : `[${JSON.stringify(index)}]`;
      return {
        address: `${mode === "data" ? "data." : ""}${type}.${name}${key}`,
        tainted: status === "tainted",
        values: attributes,
      };
    }),
  );
}
