import { expect, test } from "vitest";
import { readAccess } from "../../proxmox/access.ts";
import { goodToken } from "./api-server.ts";

const env = { PROXMOX_VE_ENDPOINT: "https://pve1.example.org:8006/", PROXMOX_VE_API_TOKEN: goodToken };

test("The environment alone is enough, and a path behind the endpoint is dropped.", () => {
  const withPath = { ...env, PROXMOX_VE_ENDPOINT: "https://pve1.example.org:8006/api2/json" };
  const access = { endpoint: "https://pve1.example.org:8006", token: goodToken, isInsecure: false };
  expect(readAccess({}, env)).toEqual({ ok: true, access });
  expect(readAccess({}, withPath)).toEqual({ ok: true, access });
});

test("What is configured comes before the environment.", () => {
  const insecure = { ...env, PROXMOX_VE_INSECURE: "true", SSL_CERT_FILE: "/ca.pem" };
  expect(readAccess({}, insecure)).toMatchObject({ access: { isInsecure: true, caFile: "/ca.pem" } });
  expect(readAccess({ endpoint: "https://other:8006", isInsecure: false }, insecure)).toMatchObject({
    access: { endpoint: "https://other:8006", isInsecure: false },
  });
});

test("A missing endpoint or token is no failure but says which variable is missing.", () => {
  expect(readAccess({}, {})).toEqual({ ok: false, missing: "PROXMOX_VE_ENDPOINT" });
  expect(readAccess({ endpoint: "https://a:8006" }, {})).toEqual({
    ok: false,
    missing: "PROXMOX_VE_API_TOKEN",
  });
});

test.each(["http://pve1:8006", "pve1:8006", "nonsense", "https://root:secret-word@pve1:8006"])(
  "%s is refused as an endpoint without showing a password in it.",
  (endpoint) => {
    const read = () => readAccess({}, { ...env, PROXMOX_VE_ENDPOINT: endpoint });
    expect(read).toThrow(expect.objectContaining({ code: "ENDPOINT_INVALID" }));
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining("secret-word") }));
  },
);

test.each(["root@pam", "ops@pve!ci", "ops@pve!ci=", "ops pve!ci=0f8f"])(
  "%s is refused as a token without showing it.",
  (token) => {
    const read = () => readAccess({}, { ...env, PROXMOX_VE_API_TOKEN: token });
    expect(read).toThrow(expect.objectContaining({ code: "WRONG_TOKEN" }));
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining(token) }));
  },
);
