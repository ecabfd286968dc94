import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type PveOptions, type RunningPve, startPve } from "../../../embedded/pve/start-pve.ts";
import { type ProviderProcess, startProvider } from "./recorded-runs/start-provider.ts";
import { findTerraformBinary } from "./recorded-runs/terraform-binary.ts";

/** A command of the real binary that runs or has run. */
type Command = ReturnType<typeof start>;

function start(command: readonly string[], folder: string, env: Readonly<Record<string, string>>) {
  return execa(findTerraformBinary(), command, { reject: false, all: true, cwd: folder, env });
}

/** A folder with a configuration. */
interface Workspace {
  readonly folder: string;
  /** Writes `main.tf.json`; the provider is added. */
  readonly write: (configuration: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly run: (...command: string[]) => Command;
  /** The parsed output of `show -json`, of a plan file or of the state. */
  readonly show: (...file: string[]) => Promise<Shown>;
}

/** What `show -json` prints, as far as tests read it. */
interface Shown {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly change: { readonly actions: string[] };
  }[];
  readonly values?: {
    readonly root_module: { readonly resources?: readonly ShownResource[] };
  };
}

interface ShownResource {
  readonly address: string;
  readonly tainted?: boolean;
  readonly values: Readonly<Record<string, unknown>>;
}

/** One provider process, the Proxmox VE servers that it may talk to, and workspaces. */
export interface TerraformLab {
  readonly provider: ProviderProcess;
  readonly startServer: (options?: PveOptions) => Promise<RunningPve>;
  readonly workspace: (pve: RunningPve) => Promise<Workspace>;
  readonly close: () => Promise<void>;
}

/** Opens a lab; `environment` goes to the provider process. */
export async function openTerraformLab(
  environment: Readonly<Record<string, string>> = {},
): Promise<TerraformLab> {
  const root = await mkdtemp(join(tmpdir(), "lab-"));
  const provider = await startProvider(join(root, "socket"), {
    NIXHERD_EMBEDDED_POLL_MS: "10",
    ...environment,
  });
  const servers: RunningPve[] = [];
  let count = 0;
  return {
    provider,
    startServer: async (serverOptions = {}) => {
      const pve = await startPve(serverOptions);
      servers.push(pve);
      return pve;
    },
    workspace: async (pve) => {
      count += 1;
      const folder = join(root, `workspace-${count}`);
      await mkdir(folder);
      return createWorkspace(folder, pve, provider);
    },
    close: async () => {
      await provider.stop();
      for (const pve of servers) await pve.stop();
      await rm(root, { recursive: true });
    },
  };
}

function createWorkspace(folder: string, pve: RunningPve, { reattach }: ProviderProcess): Workspace {
  const env: Readonly<Record<string, string>> = {
    TF_REATTACH_PROVIDERS: reattach,
    CHECKPOINT_DISABLE: "1",
    TF_IN_AUTOMATION: "1",
  };
  const run = (...command: string[]): Command => start(command, folder, env);
  return {
    folder,
    write: (configuration) =>
      writeFile(join(folder, "main.tf.json"), JSON.stringify({ ...providerOf(pve), ...configuration })),
    run,
    show: async (...file) => JSON.parse((await run("show", "-json", ...file)).stdout) as Shown,
  };
}

function providerOf({ endpoint, tokens }: RunningPve): Readonly<Record<string, unknown>> {
  return {
    terraform: { required_providers: { proxmox: { source: "bpg/proxmox" } } },
    provider: { proxmox: { endpoint, insecure: true, api_token: Object.values(tokens)[0] } },
  };
}

/** A small machine: a full clone of the template on pve1, started, without waiting for an agent. */
export function machine(vmid: number, more: Readonly<Record<string, unknown>> = {}): object {
  return {
    name: `web-${vmid}`,
    node_name: "pve1",
    vm_id: vmid,
    clone: { vm_id: 9000 },
    agent: { enabled: true, wait_for_ip: { disabled: true } },
    stop_on_destroy: true,
    ...more,
  };
}

/** Machines by resource name, as a configuration's `resource`. */
export function machines(resources: Readonly<Record<string, object>>): Readonly<Record<string, unknown>> {
  return { resource: { proxmox_virtual_environment_vm: resources } };
}
