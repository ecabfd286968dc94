/** What Nix says of a configuration. Without `system` and `derivation` its identity is the one that was known. */
export interface EvaluatedSystem {
  readonly identity: string;
  readonly platform: string;
  readonly system?: string;
  readonly derivation?: string;
}
