import { TerraformBackend, TerraformRemoteState } from "cdktf";
import type { Construct } from "constructs";
import type { SiteSpec } from "../specs/site-spec.ts";

type BackendSettings = Readonly<Record<string, unknown>>;

/**
 * The state's backend as the site file has it, any type that Terraform knows. It is always written: the CDK's own
 * default is an absolute path of the machine that synthesised. `{stack}` in string values stands for the stack's name.
 */
export class SiteBackend extends TerraformBackend {
  readonly #settings: BackendSettings;

  constructor(scope: Construct, backend: SiteSpec["backend"], stackName: string) {
    const [type, settings] = Object.entries(backend)[0] ?? ["local", {}];
    super(scope, "backend", type);
    this.#settings = fillIn(settings, stackName) as BackendSettings;
  }

  protected override synthesizeAttributes(): BackendSettings {
    return this.#settings;
  }

  override getRemoteStateDataSource(scope: Construct, name: string): TerraformRemoteState {
    return new SiteRemoteState(scope, name, this.name, this.#settings);
  }
}

/** Another stack's outputs, for stacks of the user's own that refer to them. */
class SiteRemoteState extends TerraformRemoteState {
  constructor(scope: Construct, id: string, type: string, settings: BackendSettings) {
    super(scope, id, type, settings);
  }
}

function fillIn(value: unknown, stackName: string): unknown {
  if (typeof value === "string") return value.replaceAll("{stack}", stackName);
  if (Array.isArray(value)) return value.map((item) => fillIn(item, stackName));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, stackName)]));
  }
  return value;
}
