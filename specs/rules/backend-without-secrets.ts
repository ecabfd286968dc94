import { isJsonObject, type Json, pointerOf } from "../json.ts";
import type { Rule } from "../rule.ts";

/** Environment variables that Terraform's and OpenTofu's backends read instead of a key, by backend and key. */
const variables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  azurerm: {
    access_key: "ARM_ACCESS_KEY",
    client_certificate_password: "ARM_CLIENT_CERTIFICATE_PASSWORD",
    client_secret: "ARM_CLIENT_SECRET",
    oidc_token: "ARM_OIDC_TOKEN",
    sas_token: "ARM_SAS_TOKEN",
  },
  consul: { access_token: "CONSUL_HTTP_TOKEN", http_auth: "CONSUL_HTTP_AUTH" },
  cos: {
    secret_id: "TENCENTCLOUD_SECRET_ID",
    secret_key: "TENCENTCLOUD_SECRET_KEY",
    security_token: "TENCENTCLOUD_SECURITY_TOKEN",
  },
  gcs: { access_token: "GOOGLE_OAUTH_ACCESS_TOKEN", encryption_key: "GOOGLE_ENCRYPTION_KEY" },
  http: {
    address: "TF_HTTP_ADDRESS",
    client_private_key_pem: "TF_HTTP_CLIENT_PRIVATE_KEY_PEM",
    lock_address: "TF_HTTP_LOCK_ADDRESS",
    password: "TF_HTTP_PASSWORD",
    unlock_address: "TF_HTTP_UNLOCK_ADDRESS",
  },
  kubernetes: { client_key: "KUBE_CLIENT_KEY_DATA", password: "KUBE_PASSWORD", token: "KUBE_TOKEN" },
  oss: {
    access_key: "ALICLOUD_ACCESS_KEY",
    secret_key: "ALICLOUD_SECRET_KEY",
    security_token: "ALICLOUD_SECURITY_TOKEN",
  },
  pg: { conn_str: "PG_CONN_STR" },
  remote: { token: "TF_TOKEN_<host>" },
  s3: {
    access_key: "AWS_ACCESS_KEY_ID",
    secret_key: "AWS_SECRET_ACCESS_KEY",
    sse_customer_key: "AWS_SSE_CUSTOMER_KEY",
    token: "AWS_SESSION_TOKEN",
  },
};

const secretKey =
  /^(.*_)?(password|passphrase|secret|secret_key|secret_id|access_key|api_key|private_key|private_key_pem|client_key|customer_key|token|http_auth)$|^encryption_key$/;
const secretValue = /:\/\/[^/@\s]*:[^/@\s]+@|\bpassword\s*=|PRIVATE KEY|"private_key"/;

/** The backend's settings hold no secret: they are written to cdk.tf.json and to Terraform's working folder. */
export const backendWithoutSecrets: Rule = {
  name: "backend-without-secrets",
  needsSite: true,
  *check({ site, siteFile: file }) {
    for (const [type, settings] of Object.entries(site.backend)) {
      for (const keys of findSecrets(settings as Json, [])) {
        const variable = variables[type]?.[keys.at(-1) ?? ""];
        const message = `is a secret (expected it in the environment${variable === undefined ? "" : `, as ${variable}`})`;
        yield { file, pointer: pointerOf(["backend", type, ...keys]), message };
      }
    }
  },
};

/** The paths of all secrets inside a value. */
function* findSecrets(value: Json, path: readonly string[]): Generator<readonly string[]> {
  const key = path.at(-1) ?? "";
  if (typeof value === "string" && value !== "" && (secretKey.test(key) || secretValue.test(value)))
    yield path;
  const entries = Array.isArray(value) || isJsonObject(value) ? Object.entries(value) : [];
  for (const [name, inner] of entries) yield* findSecrets(inner as Json, [...path, name]);
}
