import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { listFiles } from "./list-files.ts";

// Usage: node scripts/check-leaks.ts
// Finds what the machine of whoever wrote a file left in it: hosts of registries and mirrors, folders of
// that machine, and files that are no text. A host that belongs in the repository is added to the list below.

const knownHosts = new Set([
  "cdktn.io",
  "github.com",
  "json-schema.org",
  "keepachangelog.com",
  "nixos.org",
  "nodejs.org",
  "opentofu.org",
  "pve.proxmox.com",
  "semver.org",
  "www.apache.org",
]);

/** Names reserved for examples (RFC 2606), names without a dot, and addresses: none of them is somebody's host. */
const reservedHost = /^[^.]+$|(^|\.)(example(\.(org|com|net))?|test|invalid|localhost|\d+)$/;
const urlHost = /\bhttps?:\/\/([a-z0-9][a-z0-9.-]*)/gi;
const registryHost = /\b(?:registry|proxy|mirror|artifactory|repo\d?)\.[a-z0-9-]+\.[a-z]{2,}\b/gi;
/** Part of a provider's name in Terraform, not a place that anything is fetched from. */
const providerNamespaces = new Set(["registry.terraform.io", "registry.opentofu.org"]);

/** package-lock.json lists the sponsors' pages of every package; only a registry's host is looked for there. */
const lockfiles = /(^|\/)(package-lock\.json|go\.(mod|sum))$/;

/** This checkout, the home folder (that of root is on every machine), and where others keep their checkouts. */
const folders = [process.cwd(), homedir()].filter((path) => path !== "/" && path !== "/root");
const patterns = [...folders.map((path) => path.replace(/[^\w/]/g, "\\$&")), "/(?:work|Users)/\\w+"];
const machineFolder = new RegExp(`(?<![\\w.-])(?:${patterns.join("|")})(?![\\w-])`);

let problems = 0;
for (const path of listFiles()) {
  const text = readFileSync(path, "utf8");
  if (text.includes("\0")) {
    console.error(`${path}: is no text; what is downloaded or built stays out of the repository`);
    problems += 1;
  }
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    for (const leak of findLeaks(path, line)) {
      console.error(`${path}:${index + 1}: ${leak}`);
      problems += 1;
    }
  }
}
process.exitCode = problems > 0 ? 1 : 0;

function findLeaks(path: string, line: string): string[] {
  const urls = lockfiles.test(path) ? [] : line.matchAll(urlHost);
  const hosts = [...urls, ...line.matchAll(registryHost)].map((match) =>
    (match[1] ?? match[0]).toLowerCase(),
  );
  const strangers = hosts.filter(
    (host) => !knownHosts.has(host) && !providerNamespaces.has(host) && !reservedHost.test(host),
  );
  return [
    ...new Set(strangers.map((host) => `${host} is not among the known hosts of scripts/check-leaks.ts`)),
    ...(machineFolder.test(line) ? ["names a folder of the machine it was written on"] : []),
  ];
}
