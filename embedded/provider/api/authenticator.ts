import { errorOfResponse, inContext } from "./api-error.ts";
import type { Connection } from "./connection.ts";
import type { Deadline } from "./deadline.ts";
import { parseBody, send } from "./transport.ts";

/** How requests authenticate. */
export interface Authenticator {
  /** The headers for a request with this method. */
  readonly headers: (method: string, deadline: Deadline) => Promise<Readonly<Record<string, string>>>;
  /** Whether this is a login of root itself, which may do more than any token. */
  readonly isRootTicket: (deadline: Deadline) => Promise<boolean>;
}

/** What the configuration gives to authenticate with; "" is not given. */
export interface Credentials {
  readonly apiToken: string;
  readonly authTicket: string;
  readonly csrfToken: string;
  readonly username: string;
  readonly password: string;
  readonly otp: string;
}

interface Login {
  readonly ticket: string;
  readonly csrfToken: string;
  readonly username: string;
}

/**
 * A token wins over a ticket, a ticket over user name and password. Throws with the real provider's texts.
 * The connection is asked for at the first login: credentials are judged before there is one.
 */
export function createAuthenticator(credentials: Credentials, connection: () => Connection): Authenticator {
  const { apiToken, authTicket, csrfToken, username, password } = credentials;
  if (apiToken !== "") return tokenAuthenticator(apiToken);
  if (authTicket !== "" && csrfToken !== "") {
    const login = { ticket: authTicket, csrfToken, username: authTicket.split(":")[1] ?? "" };
    return ticketAuthenticator(() => Promise.resolve(login));
  }
  if (username === "" || password === "") {
    throw new Error("must provide either username and password, an API token, or a ticket");
  }
  if (!username.includes("@")) throw new Error("the username must end with '@pve' or '@pam'");
  let login: Promise<Login> | undefined;
  return ticketAuthenticator((deadline) => {
    login ??= logIn(connection(), credentials, deadline).catch((error: unknown) => {
      login = undefined;
      throw error;
    });
    return login;
  });
}

function tokenAuthenticator(apiToken: string): Authenticator {
  if (!/^\S+@\S+!\S+=([a-zA-Z0-9-]+)$/.test(apiToken)) {
    throw new Error("the API token must be in the format 'USER@REALM!TOKENID=UUID'");
  }
  return {
    headers: () => Promise.resolve({ Authorization: `PVEAPIToken=${apiToken}` }),
    isRootTicket: () => Promise.resolve(false),
  };
}

function ticketAuthenticator(getLogin: (deadline: Deadline) => Promise<Login>): Authenticator {
  return {
    headers: async (method, deadline) => {
      const { ticket, csrfToken } = await inContext("failed to authenticate", () => getLogin(deadline));
      const cookie = { Cookie: `PVEAuthCookie=${ticket}` };
      return method === "GET" ? cookie : { ...cookie, CSRFPreventionToken: csrfToken };
    },
    isRootTicket: async (deadline) => (await getLogin(deadline)).username === "root@pam",
  };
}

async function logIn(connection: Connection, credentials: Credentials, deadline: Deadline): Promise<Login> {
  const { username, password, otp } = credentials;
  const form = new URLSearchParams({ username, password, ...(otp === "" ? {} : { otp }) }).toString();
  const call = { method: "POST", target: "access/ticket", form, headers: {}, deadline };
  const answer = await inContext("failed to retrieve authentication response", () => send(connection, call));
  if (answer.status < 200 || answer.status > 299) {
    const refusal = errorOfResponse(answer.status, answer.reason, parseBody(answer));
    await inContext("failed to authenticate", () => Promise.reject(refusal));
  }
  return readLogin(parseBody(answer));
}

function readLogin(body: unknown): Login {
  const { data } = (body ?? {}) as { data?: Partial<Record<string, unknown>> };
  if (data === undefined) {
    throw new Error("the server did not include a data object in the authentication response");
  }
  const { ticket, CSRFPreventionToken: csrfToken, username } = data;
  if (typeof csrfToken !== "string") {
    throw new Error("the server did not include a CSRF prevention token in the authentication response");
  }
  if (typeof ticket !== "string") {
    throw new Error("the server did not include a ticket in the authentication response");
  }
  if (typeof username !== "string" || username === "") {
    throw new Error("the server did not include the username in the authentication response");
  }
  if (data["NeedTFA"] === 1) {
    throw new Error(
      "two-factor authentication is required for this account; please provide the 'otp' parameter in the provider configuration",
    );
  }
  return { ticket, csrfToken, username };
}
