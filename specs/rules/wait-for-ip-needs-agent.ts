import { eachMachine, type Rule } from "../rule.ts";

/** Only a machine with a guest agent and a network can be waited for until it names its address. */
export const waitForIpNeedsAgent: Rule = {
  name: "wait-for-ip-needs-agent",
  check: eachMachine(function* ({ spec }) {
    const { enabled, waitForIp } = spec.agent;
    if (waitForIp === "none") return;
    const missing = enabled ? "a network" : "the agent";
    if (enabled && spec.networks.length > 0) return;
    yield {
      pointer: "/agent/waitForIp",
      message: `would wait in vain without ${missing} (expected "auto" or "none", got "${waitForIp}")`,
    };
  }),
};
