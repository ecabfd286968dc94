import { eachMachine, type Rule } from "../rule.ts";

/** A machine that gets its NixOS configuration from here can be reached: by a key, and at an address that is known. */
export const wayInExists: Rule = {
  name: "way-in-exists",
  check: eachMachine(function* ({ addresses, spec }) {
    if (spec.nixos === false) return;
    // Own user data takes the place of the generated keys and may bring others.
    if (spec.access.sshKeys.length === 0 && spec.cloudInit.userData === undefined) {
      yield {
        pointer: "/access",
        message: 'lets nobody in (expected a key in sshKeys or sshKeyFiles, or "nixos": false)',
      };
    }
    if (addresses.length === 0 && spec.agent.waitForIp === "none") {
      const message =
        'give no address to reach the machine at (expected a fixed address, or DHCP with the guest agent, or "nixos": false)';
      yield { pointer: "/networks", message };
    }
  }),
};
