/** A setting of a section: text, number, or the lines of a list. */
export type SectionValue = string | number | readonly string[];

/** Settings by name, as the API takes them. */
export type SectionValues = Record<string, SectionValue>;

/** One entry of a configuration file of the cluster: `vm: 101` with its settings. Plain data. */
export interface Section {
  readonly id: string;
  readonly type: string;
  readonly values: SectionValues;
}

/** The cluster's configuration files that are lists of sections, in the order of their making. */
export interface SectionFiles {
  readonly haResources: Section[];
  readonly haRules: Section[];
  readonly backupJobs: Section[];
  readonly replicationJobs: Section[];
  readonly pciMappings: Section[];
  readonly usbMappings: Section[];
  readonly dirMappings: Section[];
  readonly realms: Section[];
  readonly metricServers: Section[];
}

/** The two realms that every installation has, and nothing else. */
export function createSectionFiles(): SectionFiles {
  return {
    haResources: [],
    haRules: [],
    backupJobs: [],
    replicationJobs: [],
    pciMappings: [],
    usbMappings: [],
    dirMappings: [],
    realms: [
      { id: "pam", type: "pam", values: { comment: "Linux PAM standard authentication" } },
      { id: "pve", type: "pve", values: { comment: "Proxmox VE authentication server" } },
    ],
    metricServers: [],
  };
}
