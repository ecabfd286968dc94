import { randomUUID } from "node:crypto";
import { builtInRoles } from "./roles.ts";

/** What a user's record says beside who it is. */
export interface UserDetails {
  readonly email?: string;
  readonly firstname?: string;
  readonly lastname?: string;
  readonly comment?: string;
  readonly keys?: string;
  /** Second since 1970 from which it may do nothing; 0 never comes. @default 0 */
  readonly expire?: number;
  /** Groups that it is a member of. @default none */
  readonly groups?: readonly string[];
}

/** A user of the cluster, with a password if it can log in. */
export interface User extends UserDetails {
  readonly userId: string;
  readonly password: string | undefined;
  readonly enabled: boolean;
}

/** An API token of a user. */
export interface ApiToken {
  /** `terraform@pve!provider` */
  readonly id: string;
  readonly secret: string;
  /** Privilege separation: the token has at most its own and its user's rights. */
  readonly separated: boolean;
  readonly comment?: string;
  /** Second since 1970 from which it is refused; 0 never comes. @default 0 */
  readonly expire?: number;
}

/** A named group of users. */
interface UserGroup {
  readonly comment: string | undefined;
}

/** One line of the access control list. */
export interface AclEntry {
  readonly path: string;
  /** User, token or group id. */
  readonly subject: string;
  /** True for a group. @default false */
  readonly isGroup?: boolean;
  readonly role: string;
  readonly propagate: boolean;
}

/** Whom a ticket was given to, and what must come with it when something is written. */
export interface TicketOwner {
  readonly userId: string;
  readonly csrfToken: string;
}

/** Who may do what. */
export interface AccessState {
  readonly users: Map<string, User>;
  readonly tokens: Map<string, ApiToken>;
  readonly groups: Map<string, UserGroup>;
  readonly roles: Map<string, readonly string[]>;
  readonly acl: AclEntry[];
  /** Tickets given out to users, ticket to user id and CSRF token. */
  readonly tickets: Map<string, TicketOwner>;
}

/** Only root@pam exists, and it cannot log in. */
export function createAccessState(): AccessState {
  return {
    users: new Map([["root@pam", { userId: "root@pam", password: undefined, enabled: true }]]),
    tokens: new Map(),
    groups: new Map(),
    roles: new Map(Object.entries(builtInRoles)),
    acl: [],
    tickets: new Map(),
  };
}

/** Makes a token with a random secret, as the real server does. */
export function createToken(access: AccessState, id: string, separated: boolean, secret?: string): ApiToken {
  const token = { id, secret: secret ?? randomUUID(), separated };
  access.tokens.set(id, token);
  return token;
}

function isOver(expire: number | undefined, nowSeconds: number): boolean {
  return expire !== undefined && expire > 0 && expire < nowSeconds;
}

/** True for users that may log in: enabled, and their time is not over. */
export function isActiveUser(access: AccessState, userId: string, nowSeconds: number): boolean {
  const user = access.users.get(userId);
  return user?.enabled === true && !isOver(user.expire, nowSeconds);
}

/** True for a token whose time is not over. */
export function isActiveToken(token: ApiToken, nowSeconds: number): boolean {
  return !isOver(token.expire, nowSeconds);
}

/** Takes entries out of the access list. */
export function removeAcl(access: AccessState, isGone: (entry: AclEntry) => boolean): void {
  const kept = access.acl.filter((entry) => !isGone(entry));
  access.acl.splice(0, access.acl.length, ...kept);
}
