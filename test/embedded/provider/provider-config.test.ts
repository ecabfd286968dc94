import { describe, expect, test } from "vitest";
import { configure } from "../../../embedded/provider/configure.ts";
import { ProviderFailure } from "../../../embedded/provider/failure.ts";
import { validateProviderConfig } from "../../../embedded/provider/validate-provider-config.ts";
import { unknown, type ValueObject } from "../../../embedded/provider/wire/value.ts";

const token = "a@pve!b=00000000-0000-4000-8000-000000000000";

/** Texts as bpg/proxmox 0.111.1 gives them under OpenTofu 1.12.6 for the same provider block. */
const wrongBlocks: readonly (readonly [string, ValueObject, readonly string[]])[] = [
  [
    "an empty address",
    { endpoint: "" },
    [
      'expected "endpoint" url to not be empty, got ',
      "Invalid Attribute Value Length: Attribute endpoint string length must be at least 1, got: 0",
    ],
  ],
  [
    "an address without a host and a VMID that is too small",
    { endpoint: "junk", random_vm_id_start: 5 },
    [
      'expected "endpoint" to have a host, got junk',
      "expected random_vm_id_start to be in the range (100 - 999999999), got 5",
      "Invalid Attribute Value: Attribute random_vm_id_start value must be between 100 and 999999999, got: 5",
    ],
  ],
  [
    "another scheme",
    { endpoint: "ftp://a/" },
    ['expected "endpoint" to have a url with schema of: "http,https", got ftp://a/'],
  ],
  [
    "a wrong port and nameless nodes",
    { ssh: [{ socks5_server: "", node: [{ name: "", address: "b", port: 99_999 }] }] },
    [
      'expected "ssh.0.socks5_server" to not be an empty string, got ',
      'expected "ssh.0.node.0.name" to not be an empty string, got ',
      'expected "ssh.0.node.0.port" to be a valid port number, got: 99999',
      "Invalid Attribute Value: Attribute ssh[0].node[0].port value must be between 1 and 65535, got: 99999",
    ],
  ],
  [
    "an unknown source of addresses",
    { ssh: [{ node_address_source: "x", node: [] }] },
    [
      'expected ssh.0.node_address_source to be one of ["api" "dns"], got x',
      'Invalid Attribute Value Match: Attribute ssh[0].node_address_source value must be one of: ["api" "dns"], got: "x"',
    ],
  ],
];

/** The one error of a block that fails when it is used, where two values of it are wrong. */
const unusableBlocks: readonly (readonly [string, ValueObject, string])[] = [
  [
    "token before address",
    { endpoint: "http://x", api_token: "bad" },
    "the API token must be in the format 'USER@REALM!TOKENID=UUID'",
  ],
  [
    "token before TLS version",
    { endpoint: "https://x", api_token: "bad", min_tls: "9" },
    "the API token must be in the format 'USER@REALM!TOKENID=UUID'",
  ],
  [
    "address before TLS version",
    { endpoint: "http://x", api_token: token, min_tls: "9" },
    "you must specify a secure endpoint for the Proxmox Virtual Environment API (valid: https://host:port/)",
  ],
];

describe("a provider block", () => {
  test.each(wrongBlocks)("with %s has all its errors told at once", (_what, block, texts) => {
    const told = validateProviderConfig(block).map(({ summary, detail }) =>
      detail === undefined ? summary : `${summary}: ${detail}`,
    );
    expect(told.toSorted()).toEqual(texts.toSorted());
  });

  test("is fine with values that are right, absent or not known yet", () => {
    const known = { endpoint: "https://x:8006/", random_vm_id_start: 100, ssh: [] };
    expect(validateProviderConfig(known)).toEqual([]);
    expect(validateProviderConfig({ endpoint: unknown, random_vm_id_start: null })).toEqual([]);
  });

  test("warns twice of a deprecated value, once for each half of the real provider", () => {
    const told = validateProviderConfig({ otp: "123456" });
    expect(told.map(({ severity, summary }) => `${severity} ${summary}`)).toEqual([
      "WARNING Argument is deprecated",
      "WARNING Attribute Deprecated",
    ]);
  });

  test.each(unusableBlocks)("is judged %s", (_order, block, text) => {
    expect(problemOf(block)).toBe(text);
  });
});

function problemOf(block: ValueObject): string | undefined {
  try {
    configure(block, {});
    return undefined;
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    return error.diagnostics[0]?.detail;
  }
}
