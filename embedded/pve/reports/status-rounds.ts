import type { Cluster } from "../state/cluster.ts";
import { liveVmResource } from "./cluster-resources.ts";

/** One round of the status daemon: lists of the whole cluster show every VM as it is now until the next round. */
export function runStatusRound(cluster: Cluster): void {
  cluster.lastSeen.clear();
  for (const vm of cluster.vms.values()) cluster.lastSeen.set(vm.vmid, liveVmResource(cluster, vm));
}

/** Runs a round every `statusRoundMs` until the returned function is called. Without rounds, lists are always current. */
export function startStatusRounds(cluster: Cluster): () => void {
  const { statusRoundMs } = cluster.delays;
  if (statusRoundMs === 0) return () => undefined;
  runStatusRound(cluster);
  const timer = setInterval(() => runStatusRound(cluster), statusRoundMs).unref();
  return () => clearInterval(timer);
}
