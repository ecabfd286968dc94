import { join } from "node:path";

/** Where the embedded cluster of a repository keeps its files; all of them but the log go when it stops. */
export interface EmbeddedFiles {
  readonly folder: string;
  /** Shell exports; see embeddedEnvironment. */
  readonly env: string;
  readonly caPem: string;
  readonly sshConfig: string;
  /** Private key that every embedded machine accepts. */
  readonly key: string;
  /** Which process runs the cluster. */
  readonly process: string;
  /** State of the cluster, which goes on from it when its process was killed. Holds secrets. */
  readonly state: string;
  readonly log: string;
}

/** The files of the embedded cluster under a repository's root. */
export function embeddedFiles(root: string): EmbeddedFiles {
  const folder = join(root, ".nixherd/embedded");
  return {
    folder,
    env: join(folder, "env"),
    caPem: join(folder, "ca.pem"),
    sshConfig: join(folder, "ssh_config"),
    key: join(folder, "id_ed25519"),
    process: join(folder, "process.json"),
    state: join(folder, "cluster.jsonl"),
    log: join(root, ".nixherd/embedded.log"),
  };
}
