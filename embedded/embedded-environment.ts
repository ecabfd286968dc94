import type { EmbeddedFiles } from "./embedded-files.ts";
import { bastionUser } from "./guest/bastion.ts";

/** Environment that makes every command work on the embedded cluster as on a real one. */
export type EmbeddedEnvironment = Readonly<Record<string, string>>;

interface Endpoints {
  /** `https://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** `user@realm!id=uuid` */
  readonly apiToken: string;
  /** Value of TF_REATTACH_PROVIDERS. */
  readonly reattach: string;
  /** Port of the bastion on 127.0.0.1. */
  readonly bastionPort: number;
}

/** The variables that point Terraform, the hook, Packer and nixherd at the embedded cluster. */
export function embeddedEnvironment(files: EmbeddedFiles, endpoints: Endpoints): EmbeddedEnvironment {
  return {
    NIXHERD_EMBEDDED: "1",
    PROXMOX_VE_ENDPOINT: endpoints.endpoint,
    PROXMOX_VE_API_TOKEN: endpoints.apiToken,
    SSL_CERT_FILE: files.caPem,
    TF_REATTACH_PROVIDERS: endpoints.reattach,
    CDKTF_SKIP_PROVIDER_LOCK: "true",
    NIXHERD_SSH_CONFIG: files.sshConfig,
    PKR_VAR_bastion: packerBastion(files.key, endpoints.bastionPort),
  };
}

/** How Packer, which reads no ssh_config, reaches the machines: the variable `bastion` of packer/. */
export function packerBastion(keyFile: string, port: number): string {
  return JSON.stringify({ host: "127.0.0.1", port, username: bastionUser, private_key_file: keyFile });
}

/** The environment as lines for a POSIX shell: `export NAME='value'`. */
export function shellExports(environment: EmbeddedEnvironment): string {
  const lines = Object.entries(environment).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
  );
  return `${lines.join("\n")}\n`;
}
