import { existsSync, readFileSync, writeFileSync } from "node:fs";

// Usage: node scripts/demo.d/forget-cluster.ts, in the demo's copy of the repository.
// Takes the cluster and the backend out of the site file: the demo reaches neither, whatever is configured.

const file = "vm-specs/_site.json";
if (existsSync(file)) {
  const {
    proxmox: _,
    backend: __,
    ...site
  } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  writeFileSync(file, `${JSON.stringify(site, null, 2)}\n`);
}
