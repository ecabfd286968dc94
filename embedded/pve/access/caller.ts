/** Who makes a request. */
export interface Caller {
  /** `terraform@pve` */
  readonly userId: string;
  /** `provider` for a token, undefined for a logged-in user. */
  readonly tokenId: string | undefined;
  /** `terraform@pve!provider`, or the user id. */
  readonly authId: string;
}

/** A caller by token id or user id. */
export function createCaller(authId: string): Caller {
  const [userId = "", tokenId] = authId.split("!");
  return { userId, tokenId, authId };
}

/** Only root@pam itself; its tokens do not count, as on the real server. */
export function isRoot(caller: Caller): boolean {
  return caller.authId === "root@pam";
}
