/** Where faults are asked for; outside the API, since no Proxmox VE has such a thing. */
export const faultsPath = "/embedded/faults";
