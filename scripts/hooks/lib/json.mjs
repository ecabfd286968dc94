// The questions that the hook asks of JSON. Standard input is the document; the answer is lines of text.
// Plain JavaScript for any Node: Terraform may run the hook where an older one comes first on PATH.
import { readFileSync } from "node:fs";
import { isIP, isIPv4 } from "node:net";

const notGlobal = [/^0\./, /^127\./, /^169\.254\./, /^2(2[4-9]|[3-5]\d)\./, /^::1?$/, /^fe[89ab]/i, /^ff/i];

/** Every string in a document, in the document's order. */
function strings(value) {
  if (typeof value === "string") return [value];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(strings) : [];
}

const questions = {
  /** The first address that is neither loopback nor link-local, IPv4 before IPv6; nothing when there is none. */
  "first-address": (document) => {
    const addresses = strings(document).filter(
      (text) => isIP(text) && !notGlobal.some((range) => range.test(text)),
    );
    const address = addresses.find((text) => isIPv4(text)) ?? addresses[0];
    return address === undefined ? [] : [address];
  },
  /** The strings of a list, one a line. */
  lines: (document) => document.map(String),
  /** Health checks, one a line: kind, retries, timeout in seconds, what to ask; separated by tabs. */
  health: (document) =>
    document.map((check) => {
      const kind = ["unit", "http", "tcp", "command"].find((name) => name in check);
      if (kind === undefined) throw new Error(`a health check names none of unit, http, tcp, command`);
      return [kind, check.retries ?? 5, check.timeoutSeconds ?? 10, check[kind]].join("\t");
    }),
};

const question = questions[process.argv[2]];
for (const line of question(JSON.parse(readFileSync(0, "utf8")))) console.log(line);
