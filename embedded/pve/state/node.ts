/** One host of the cluster. */
export interface PveNode {
  readonly name: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Names of the bridges that its VMs may use. */
  readonly bridges: ReadonlySet<string>;
  /** Address that the cluster knows the node by. @default 127.0.0.1 */
  readonly address: string;
  /** DNS server of the node, which guests without one of their own are given. @default 127.0.0.1 */
  readonly nameserver: string;
  /** SHA-256 fingerprint of the server's certificate, in hex pairs with colons. */
  readonly fingerprint: string;
}
