/** One rule of a named format: what it accepts, and the words of the refusal. */
type Rule = readonly [accepts: RegExp, refusal: (value: string) => string];

const email = "[\\w+\\-~]+(?:\\.[\\w+\\-~]+)*";
const domain = "[a-zA-Z0-9-]+(?:\\.[a-zA-Z0-9-]+)*";
const node = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";

const looksLike = (what: string) => () => `value does not look like a valid ${what}`;

const days = "(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*";
const dayList = `${days}(?:\\.\\.${days})?(?:,${days}(?:\\.\\.${days})?)*`;
const part = "(?:\\*|\\d+(?:\\.\\.\\d+)?)(?:/\\d+)?(?:,(?:\\*|\\d+(?:\\.\\.\\d+)?)(?:/\\d+)?)*";
const date = `(?:${part}-)?${part}-${part}`;
const time = `${part}(?::${part}){0,2}`;
const words = "minutely|hourly|daily|weekly|monthly|yearly|quarterly|semiannually|annually|semi-annually";

/** A subset of systemd's calendar: days, a date, a time of day, each of them optional. */
const calendar = new RegExp(
  `^\\s*(?:${words}|${dayList}(?:\\s+${date})?(?:\\s+${time})?|${date}(?:\\s+${time})?|${time})\\s*$`,
  "i",
);

/** Formats of cluster-wide settings by name: HA, jobs, replication, mappings, users. */
export const clusterFormats: Readonly<Record<string, Rule>> = {
  "pve-ha-resource-id": [/^[a-z]+:\S+$/, looksLike("ha resource id")],
  "pve-ha-resource-or-vm-id": [/^(?:[a-z]+:\S+|\d+)$/, looksLike("ha resource id")],
  "pve-ha-node": [new RegExp(`^${node}(?::\\d+)?$`), looksLike("ha node")],
  "pve-replication-job-id": [
    /^[1-9]\d{2,}-\d+$/,
    (value) =>
      /^\d+-\d+$/.test(value)
        ? `invalid replication job id '${value}' (guest IDs < 100 are reserved)`
        : `invalid replication job id '${value}'`,
  ],
  "pve-calendar-event": [
    calendar,
    (value) => `invalid calendar event '${value}' - unable to parse calendar event`,
  ],
  "pve-day-of-week": [/^(?:mon|tue|wed|thu|fri|sat|sun)$/, (value) => `invalid day '${value}'`],
  "email-or-username": [new RegExp(`^${email}(?:@${domain})?$`), looksLike("email address or user name")],
  email: [new RegExp(`^${email}@${domain}$`), looksLike("email address")],
  "pve-groupid": [/^[A-Za-z0-9.\-_]+$/, (value) => `group name '${value}' contains invalid characters`],
  "pve-realm": [/^[A-Za-z][A-Za-z0-9.\-_]+$/, looksLike("realm")],
  "pve-tokenid": [
    /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+$/,
    (value) => `value '${value}' does not look like a valid token ID`,
  ],
  "pve-iface": [
    /^[a-z][a-z0-9_]{1,20}(?:[:.]\d+)?$/i,
    (value) => `invalid network interface name '${value}'`,
  ],
  "mac-prefix": [/^[a-f0-9][02468ace](?::[a-f0-9]{2}){0,2}:?$/i, looksLike("MAC address prefix")],
  "pve-storage-path-in-property-string": [/^\/[^;,=()]+$/, looksLike("absolute path")],
};
