import { randomUUID } from "node:crypto";
import { builtInRoles } from "./roles.ts";

/** A user of the cluster, with a password if it can log in. */
interface User {
  readonly userId: string;
  readonly password: string | undefined;
  enabled: boolean;
}

/** An API token of a user. */
export interface ApiToken {
  /** `terraform@pve!provider` */
  readonly id: string;
  readonly secret: string;
  /** Privilege separation: the token has at most its own and its user's rights. */
  readonly separated: boolean;
}

/** One line of the access control list. */
interface AclEntry {
  readonly path: string;
  /** User or token id. */
  readonly subject: string;
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
