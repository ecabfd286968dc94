import { findKeyProblem } from "../find-key-problem.ts";
import { eachMachine, type Finding, type Rule } from "../rule.ts";

const checkWrittenKeys = eachMachine(function* ({ filled }) {
  for (const [index, key] of filled.access.sshKeys.entries()) {
    const problem = findKeyProblem(key);
    if (problem !== undefined) yield { pointer: `/access/sshKeys/${index}`, message: problem };
  }
});

/** Every key is a public key that the server takes: ed25519, RSA of 2048 bits or more, ECDSA, or a security key's. */
export const sshKeysParse: Rule = {
  name: "ssh-keys-parse",
  *check(input) {
    yield* checkWrittenKeys(input);
    const files = new Set(input.machines.flatMap(({ filled }) => filled.access.sshKeyFiles));
    for (const file of files) {
      const content = input.readKeyFile(file);
      for (const { line, text } of "keys" in content ? content.keys : []) {
        const problem = findKeyProblem(text);
        if (problem !== undefined)
          yield { file, pointer: "", message: `line ${line}: ${problem}` } satisfies Finding;
      }
    }
  },
};
