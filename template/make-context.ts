import type { ProxmoxAccess } from "../proxmox/access.ts";
import type { ClusterChanges } from "../proxmox/cluster-changes.ts";
import type { SiteSpec, TemplateBuild } from "../specs/site-spec.ts";
import type { ClusterTemplate } from "./cluster-template.ts";
import type { TemplateMarker } from "./template-marker.ts";

/** What the making of a template works with, whichever way it goes. */
export interface MakeContext {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly build: TemplateBuild;
  readonly catalogue: SiteSpec["templates"];
  /** VMIDs of the specs. */
  readonly reserved: ReadonlySet<number>;
  readonly access: ProxmoxAccess;
  readonly changes: ClusterChanges;
  readonly interrupt: AbortSignal;
  readonly say: (text: string) => void;
}

/** A template that was just made. */
export interface MadeTemplate {
  readonly template: ClusterTemplate;
  /** What is known of its origin without looking inside. */
  readonly origin: TemplateMarker;
}

/** Text in the cluster's notes of a template. */
export function describeTemplate(name: string, origin: TemplateMarker): string {
  const facts = [
    ["revision", origin.revision],
    ["nixpkgs", origin.nixpkgsRevision],
    ["created", origin.created],
  ];
  const lines = facts.flatMap(([label, value]) => (value === undefined ? [] : [`${label} ${value}`]));
  return [`NixOS golden template ${name}`, ...lines].join("\n");
}

/** Tags of every template that is made here, in the server's order. */
export const templateTags = "golden;nixos";
