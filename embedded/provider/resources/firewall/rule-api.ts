import { inContext } from "../../api/api-error.ts";
import { expectData } from "../../api/expect-data.ts";
import type { ProviderSession } from "../../provider-session.ts";
import type { ServerRule } from "./rule-values.ts";

/** The rules of one firewall or security group. */
export interface RuleApi {
  /** The positions that there are. */
  readonly positions: () => Promise<readonly number[]>;
  /** One rule, or undefined when there is none at that position. */
  readonly get: (position: number) => Promise<ServerRule | undefined>;
  readonly create: (parameters: Readonly<Record<string, string>>) => Promise<void>;
  readonly update: (position: number, parameters: Readonly<Record<string, string>>) => Promise<void>;
  readonly remove: (position: number) => Promise<void>;
}

/** The calls about the rules at `path`: "cluster/firewall/rules", "cluster/firewall/groups/web". */
export function createRuleApi(path: string, { api, lifetime }: ProviderSession): RuleApi {
  return {
    positions: async () => {
      const list = await inContext("error retrieving firewall rules", () =>
        api.request("GET", path, lifetime),
      );
      return (expectData(list) as readonly { readonly pos: number }[]).map(({ pos }) => pos);
    },
    get: async (position) => {
      try {
        const rule = await inContext(`error retrieving firewall rule ${position}`, () =>
          api.request("GET", `${path}/${position}`, lifetime),
        );
        return expectData(rule) as ServerRule;
      } catch (error) {
        if (error instanceof Error && error.message.includes("no rule at position")) return undefined;
        throw error;
      }
    },
    create: async (parameters) => {
      await inContext("error creating firewall rule", () => api.request("POST", path, lifetime, parameters));
    },
    update: async (position, parameters) => {
      await inContext(`error updating firewall rule ${position}`, () =>
        api.request("PUT", `${path}/${position}`, lifetime, parameters),
      );
    },
    remove: async (position) => {
      await inContext(`error deleting firewall rule ${position}`, () =>
        api.request("DELETE", `${path}/${position}`, lifetime),
      );
    },
  };
}
