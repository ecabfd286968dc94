import type { PermissionCheck } from "../check/schema.ts";
import { ApiError, permissionDenied } from "../http/api-error.ts";
import type { Cluster } from "../state/cluster.ts";
import type { AccessState } from "./access-state.ts";
import { type Caller, isRoot } from "./caller.ts";
import { privileges } from "./roles.ts";

/** `/vms/101` -> `/`, `/vms`, `/vms/101`. */
function ancestorsOf(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return ["/", ...parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)];
}

/**
 * Roles on a path come from its nearest ancestor that has an entry for the subject; on one path, the subject's own
 * entries outweigh those of its groups.
 */
function rolesOn(access: AccessState, subject: string, path: string): readonly string[] {
  const groups = access.users.get(subject)?.groups ?? [];
  for (const level of ancestorsOf(path).toReversed()) {
    const here = access.acl.filter((entry) => entry.path === level && (entry.propagate || level === path));
    const own = here.filter((entry) => entry.isGroup !== true && entry.subject === subject);
    const ofGroups = here.filter((entry) => entry.isGroup === true && groups.includes(entry.subject));
    const entries = own.length > 0 ? own : ofGroups;
    if (entries.length > 0) return entries.map((entry) => entry.role);
  }
  return [];
}

const noPrivileges: ReadonlySet<string> = new Set();
const everyPrivilege: ReadonlySet<string> = new Set(privileges);

/** Sets of roles' privileges; a role that changes gets a new list. */
const setsByList = new WeakMap<readonly string[], ReadonlySet<string>>();

function privilegesOfRole(access: AccessState, role: string): ReadonlySet<string> {
  const list = access.roles.get(role);
  if (list === undefined) return noPrivileges;
  const set = setsByList.get(list) ?? new Set(list);
  setsByList.set(list, set);
  return set;
}

function privilegesOf(access: AccessState, subject: string, path: string): ReadonlySet<string> {
  const roles = rolesOn(access, subject, path);
  if (roles.includes("NoAccess")) return noPrivileges;
  const sets = roles.map((role) => privilegesOfRole(access, role));
  const [only = noPrivileges, ...others] = sets;
  return others.length === 0 ? only : new Set(sets.flatMap((set) => [...set]));
}

function poolOf(cluster: Cluster, path: string): string | undefined {
  const [, vmid] = /^\/vms\/(\d+)$/.exec(path) ?? [];
  if (vmid === undefined) return undefined;
  return [...cluster.pools.values()].find((pool) => pool.vmids.has(Number(vmid)))?.poolid;
}

/** A user's privileges on a path; members of a pool have the pool's too. */
function userPrivileges(cluster: Cluster, subject: string, path: string): ReadonlySet<string> {
  if (subject === "root@pam") return everyPrivilege;
  const own = privilegesOf(cluster.access, subject, path);
  const pool = poolOf(cluster, path);
  return pool === undefined
    ? own
    : new Set([...own, ...privilegesOf(cluster.access, subject, `/pool/${pool}`)]);
}

/** Tells whether the caller has a privilege on a path. A separated token has only what its user has as well. */
function holderOn(cluster: Cluster, caller: Caller, path: string): (privilege: string) => boolean {
  const token = cluster.access.tokens.get(caller.authId);
  const ofUser = userPrivileges(cluster, caller.userId, path);
  if (!token?.separated) return (privilege) => ofUser.has(privilege);
  const ofToken = userPrivileges(cluster, token.id, path);
  return (privilege) => ofUser.has(privilege) && ofToken.has(privilege);
}

/** What the caller may do on a path. */
export function privilegesOn(cluster: Cluster, caller: Caller, path: string): string[] {
  return privileges.filter(holderOn(cluster, caller, path));
}

/** True when the caller has at least one of the privileges on a path. */
export function hasPrivilege(
  cluster: Cluster,
  caller: Caller,
  path: string,
  ...anyOf: readonly string[]
): boolean {
  return anyOf.some(holderOn(cluster, caller, path));
}

/** @throws ApiError 403 naming the path and the first privilege that is missing. */
export function requirePrivileges(
  cluster: Cluster,
  caller: Caller,
  path: string,
  wanted: readonly string[],
  any = false,
): void {
  const holds = holderOn(cluster, caller, path);
  const missing = wanted.filter((privilege) => !holds(privilege));
  if (any && missing.length === wanted.length) throw permissionDenied(`${path}, ${wanted.join("|")}`);
  if (!any && missing[0] !== undefined) throw permissionDenied(`${path}, ${missing[0]}`);
}

/** Parameters of a request, which paths in expressions refer to. */
type Values = Readonly<Record<string, string>>;

function expandPath(template: string, values: Values): string {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
  return path.replace(/\/+$/, "") || "/";
}

/** The schema's `perm` expression: path template, privileges, then `any` and `require_param` options. */
function checkPerm(cluster: Cluster, caller: Caller, check: PermissionCheck, values: Values): void {
  const [, template, wanted, ...options] = check as [string, string, string[], ...unknown[]];
  const requiredAt = options.indexOf("require_param");
  if (requiredAt >= 0 && values[String(options[requiredAt + 1])] === undefined) throw permissionDenied();
  requirePrivileges(cluster, caller, expandPath(template, values), wanted, options.includes("any"));
}

function passes(cluster: Cluster, caller: Caller, check: PermissionCheck, values: Values): boolean {
  try {
    runCheck(cluster, caller, check, values);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

function runCheck(cluster: Cluster, caller: Caller, check: PermissionCheck, values: Values): void {
  const [kind, ...rest] = check;
  const parts = rest as PermissionCheck[];
  if (kind === "perm") checkPerm(cluster, caller, check, values);
  else if (kind === "and") {
    for (const part of parts) runCheck(cluster, caller, part, values);
  } else if (kind === "or") {
    if (!parts.some((part) => passes(cluster, caller, part, values))) throw permissionDenied();
  } else checkUserPermission(cluster, caller, check, values);
}

/** Expressions about users and about the access list itself. */
function checkUserPermission(
  cluster: Cluster,
  caller: Caller,
  [kind, what]: PermissionCheck,
  values: Values,
): void {
  const realm = values["userid"]?.split("@")[1] ?? "";
  if (kind === "perm-modify") {
    requirePrivileges(cluster, caller, expandPath(String(what), values), ["Permissions.Modify"]);
  } else if (kind === "userid-group") {
    requirePrivileges(cluster, caller, "/access/groups", what as string[], true);
  } else if (what === "self") {
    if (values["userid"] !== caller.userId) throw permissionDenied();
  } else requirePrivileges(cluster, caller, `/access/realm/${realm}`, [String(what)]);
}

/**
 * Checks a method's permission expression for a caller. Methods without one are root's alone.
 *
 * @throws ApiError 403 as Proxmox VE words it.
 */
export function checkMethodPermission(
  cluster: Cluster,
  caller: Caller,
  method: { readonly check?: PermissionCheck; readonly user?: "all" | "world" },
  values: Values,
): void {
  if (isRoot(caller) || method.user !== undefined) return;
  if (method.check === undefined) throw permissionDenied("user != root@pam");
  runCheck(cluster, caller, method.check, values);
}
