import {
  atLeastBytes,
  between as betweenNumbers,
  oneOf as oneOfWords,
} from "./framework/attribute-checks.ts";
import type { AttributeCheck } from "./framework/attribute-rules.ts";
import { type Behaviours, buildFields, type Check } from "./legacy/field.ts";
import { validateConfig } from "./legacy/validate-config.ts";
import { between, notEmpty, oneOf } from "./resources/vm/checks.ts";
import { providerSchema } from "./schema/schema.ts";
import type { Diagnostic, Path } from "./wire/diagnostic.ts";
import { isList, isObject, isUnknown, type Value, type ValueObject } from "./wire/value.ts";

/**
 * Checks the provider block: all problems at once. The real provider is two in one, of the legacy SDK and of the
 * framework, and each tells what it thinks of a value.
 * Public source: bpg/proxmox 0.111.1, provider schemas.
 */
export function validateProviderConfig(config: ValueObject): readonly Diagnostic[] {
  return [...validateConfig(legacyFields, config), ...frameworkProblems(config)];
}

const url: Check = (value, { name }) => {
  const text = String(value);
  if (text === "") return [`expected "${name}" url to not be empty, got ${text}`];
  const [, scheme = "", host = ""] = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?/i.exec(text) ?? [];
  const space = host.includes(" ");
  if (space) {
    const reason = `parse "${text}": invalid character " " in host name`;
    return [`expected "${name}" to be a valid url, got ${text}: ${reason}`];
  }
  if (host === "") return [`expected "${name}" to have a host, got ${text}`];
  if (scheme === "http" || scheme === "https") return [];
  return [`expected "${name}" to have a url with schema of: "http,https", got ${text}`];
};

const portNumber: Check = (value, { dotted }) =>
  Number(value) >= 1 && Number(value) <= 65535
    ? []
    : [`expected "${dotted}" to be a valid port number, got: ${value}`];

const vmId = { least: 100, most: 999_999_999 } as const;
const otpDeprecation =
  "The `otp` attribute is deprecated and will be removed in a future release. Please use the `api_token` attribute instead.";

const neverEmpty = [
  "auth_ticket",
  "csrf_prevention_token",
  "tmp_dir",
  "ssh.username",
  "ssh.password",
  "ssh.agent_socket",
  "ssh.socks5_server",
  "ssh.socks5_username",
  "ssh.socks5_password",
  "ssh.node.name",
  "ssh.node.address",
];

const legacyBehaviours: Behaviours = {
  ...Object.fromEntries(neverEmpty.map((path) => [path, { check: notEmpty }])),
  endpoint: { check: url },
  otp: { deprecation: otpDeprecation },
  random_vm_id_start: { check: between(vmId.least, vmId.most) },
  random_vm_id_end: { check: between(vmId.least, vmId.most) },
  "ssh.node_address_source": { check: (value, at) => oneOf("api", "dns")(value, { ...at, name: at.dotted }) },
  "ssh.node.port": { check: portNumber },
};

const legacyFields = buildFields(providerSchema.provider.block, legacyBehaviours);

/** What the framework's half checks, by path without indexes. */
const frameworkChecks: Readonly<Record<string, AttributeCheck>> = {
  endpoint: atLeastBytes(1),
  otp: (_value, { path }) => [
    { severity: "WARNING", summary: "Attribute Deprecated", detail: otpDeprecation, path },
  ],
  random_vm_id_start: betweenNumbers(vmId.least, vmId.most),
  random_vm_id_end: betweenNumbers(vmId.least, vmId.most),
  "ssh.node_address_source": oneOfWords("api", "dns"),
  "ssh.node.port": betweenNumbers(1, 65535),
};

function frameworkProblems(config: ValueObject): readonly Diagnostic[] {
  const visit = (value: Value, path: Path): readonly Diagnostic[] => {
    if (value === null || isUnknown(value)) return [];
    if (isList(value)) return value.flatMap((item, index) => visit(item, [...path, index]));
    if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => visit(item, [...path, key]));
    const rule = path.filter((step) => typeof step === "string").join(".");
    return frameworkChecks[rule]?.(value, { path, name: named(path), config }) ?? [];
  };
  return visit(config, []);
}

/** `ssh[0].node[1].port` */
function named(path: Path): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
    .join("")
    .slice(1);
}
