import { Type } from "typebox";
import { type Complete, defaulted, section } from "./keys.ts";

/** How `nixherd watch` works; the descriptions are the user's manual. */
export const siteWatch = section(
  "How `nixherd watch` works. A change of metricsPort needs a restart of it.",
  {
    quietMs: defaulted(
      Type.Integer({
        minimum: 0,
        maximum: 60_000,
        description: "Milliseconds without a further change after which changes are taken up. Default: 300.",
      }),
      300,
    ),
    longestWaitMs: defaulted(
      Type.Integer({
        minimum: 0,
        maximum: 600_000,
        description: "Milliseconds after which changes are taken up though more of them come. Default: 5000.",
      }),
      5000,
    ),
    stacksAtOnce: defaulted(
      Type.Integer({
        minimum: 1,
        maximum: 64,
        description: "Stacks worked on at the same time. Default: 4.",
      }),
      4,
    ),
    retrySeconds: defaulted(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 3600,
        description:
          "Longest wait before a failed run is repeated for the first time; it doubles with every further failure, and each wait is a random part of it. Default: 5.",
      }),
      5,
    ),
    longestRetrySeconds: defaulted(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 86_400,
        description: "Bound of that wait. Default: 600.",
      }),
      600,
    ),
    driftEverySeconds: defaulted(
      Type.Integer({
        minimum: 0,
        maximum: 604_800,
        description:
          "How often each stack is planned whole, to find what was changed outside; 0 is never. Default: 3600.",
      }),
      3600,
    ),
    drift: defaulted(
      Type.Enum(["report", "mend"], {
        description:
          'What is done about it: "report" shows it in nixherd status, "mend" applies the specs again, as far as the policy lets it. Default: "report".',
      }),
      "report",
    ),
    metricsPort: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65_535,
        description: "Port on loopback of /metrics, /healthz and /readyz. Default: none of them is served.",
      }),
    ),
  },
);

/** The site's settings of the watcher with the defaults filled in. */
export type SiteWatch = Complete<typeof siteWatch>;
