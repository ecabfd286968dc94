import { readRevision } from "../../../reconcile/read-revision.ts";

/**
 * What a synthesis was made of: the commit; the commit, "+" and the configuration's hash when the working tree differs
 * from it; or the hash alone outside of git.
 */
export async function describeSource(root: string, configurationHash: string): Promise<string> {
  const revision = await readRevision(root);
  if (revision === undefined) return configurationHash;
  return revision.isChanged ? `${revision.commit}+${configurationHash}` : revision.commit;
}
