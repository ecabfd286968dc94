import { createApiClient } from "./api/api-client.ts";
import { createAuthenticator } from "./api/authenticator.ts";
import { createConnection } from "./api/connection.ts";
import { ProviderFailure } from "./failure.ts";
import { objectSection, type Section } from "./legacy/section.ts";
import type { ProviderSession } from "./provider-session.ts";
import type { Diagnostic } from "./wire/diagnostic.ts";
import { isUnknown, type ValueObject } from "./wire/value.ts";

/** A provider that knows where the API is and how to authenticate. */
export interface ConfiguredProvider extends Omit<ProviderSession, "lifetime"> {
  /** Ends its connections to the API. */
  readonly close: () => void;
}

/**
 * Configures the provider: the provider block's values win over this process's environment. Throws ProviderFailure.
 * No call is made: a wrong token or address shows at the first request.
 */
export function configure(config: ValueObject, environment: NodeJS.ProcessEnv): ConfiguredProvider {
  const block = objectSection(config);
  const setting = (attribute: string, ...names: readonly string[]): string => {
    if (config[attribute] !== null && config[attribute] !== undefined) return block.text(attribute);
    return names.map((name) => environment[name] ?? "").find((value) => value !== "") ?? "";
  };
  if (isUnknown(config["endpoint"])) throw new ProviderFailure([unknownEndpoint]);
  const endpoint = setting("endpoint", "PROXMOX_VE_ENDPOINT");
  if (endpoint === "") throw new ProviderFailure([missingEndpoint]);
  const credentials = {
    apiToken: setting("api_token", "PROXMOX_VE_API_TOKEN"),
    authTicket: setting("auth_ticket", "PROXMOX_VE_AUTH_TICKET"),
    csrfToken: setting("csrf_prevention_token", "PROXMOX_VE_CSRF_PREVENTION_TOKEN"),
    username: setting("username", "PROXMOX_VE_USERNAME"),
    password: setting("password", "PROXMOX_VE_PASSWORD"),
    otp: setting("otp", "PROXMOX_VE_OTP"),
  };
  const authenticator = tell("Unable to create Proxmox VE API credentials", () =>
    createAuthenticator(credentials, () => connection),
  );
  const insecure = setting("insecure", "PROXMOX_VE_INSECURE");
  const connection = tell("Unable to create Proxmox VE API connection", () =>
    createConnection(
      endpoint,
      insecure === "true" || insecure === "1",
      setting("min_tls", "PROXMOX_VE_MIN_TLS"),
    ),
  );
  return {
    api: createApiClient(connection, authenticator),
    vmIds: vmIdChoice(block),
    ssh: sshSettings(block, setting("username", "PROXMOX_VE_USERNAME"), environment),
    close: () => connection.agent.destroy(),
  };
}

function vmIdChoice(block: Section): ProviderSession["vmIds"] {
  return {
    isRandom: block.flag("random_vm_ids"),
    first: block.number("random_vm_id_start") || 10_000,
    end: block.number("random_vm_id_end") || 99_999,
  };
}

function sshSettings(
  block: Section,
  username: string,
  environment: NodeJS.ProcessEnv,
): ProviderSession["ssh"] {
  const ssh = block.block("ssh");
  const hosts = (ssh?.blocks("node") ?? []).map((node): [string, string] => [
    node.text("name"),
    `${node.text("address")}:${node.number("port") || 22}`,
  ]);
  const own = ssh?.text("username") ?? "";
  const named = own === "" ? (environment["PROXMOX_VE_SSH_USERNAME"] ?? "") : own;
  return {
    username: named === "" ? (username.split("@")[0] ?? "") : named,
    hosts: Object.fromEntries(hosts),
  };
}

function tell<Result>(summary: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ProviderFailure([{ severity: "ERROR", summary, detail }]);
  }
}

const advice =
  "Set the host value in the configuration or use the PROXMOX_VE_ENDPOINT environment variable. If either is already set, ensure the value is not empty.";

const missingEndpoint: Diagnostic = {
  severity: "ERROR",
  summary: "Missing Proxmox VE API Endpoint",
  detail: `The provider cannot create the Proxmox VE API client as there is a missing or empty value for the API endpoint. ${advice}`,
  path: ["endpoint"],
};

const unknownEndpoint: Diagnostic = {
  severity: "ERROR",
  summary: "Unknown Proxmox VE API Endpoint",
  detail:
    "The provider cannot create the Proxmox VE API client as there is an unknown configuration value for the API endpoint. Either target apply the source of the value first, set the value statically in the configuration, or use the PROXMOX_VE_ENDPOINT environment variable.",
  path: ["endpoint"],
};
