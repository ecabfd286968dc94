import { didYouMean } from "../did-you-mean.ts";
import { findRepeated } from "../find-repeated.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** CPU flags that a machine may set (Proxmox VE 9.2, format pve-vm-cpu-conf). */
const flags = [
  "aes",
  "amd-no-ssb",
  "amd-ssbd",
  "hv-evmcs",
  "hv-tlbflush",
  "ibpb",
  "md-clear",
  "nested-virt",
  "pcid",
  "pdpe1gb",
  "spec-ctrl",
  "ssbd",
  "virt-ssbd",
];

/** A CPU flag is added or taken away, once, and is one that the server lets a machine set. */
export const cpuFlagsAreKnown: Rule = {
  name: "cpu-flags-are-known",
  check: eachMachine(function* ({ spec }) {
    const written = spec.cpu.flags.map((text, index) => ({
      text,
      name: text.slice(1),
      pointer: `/cpu/flags/${index}`,
    }));
    for (const { text, name, pointer } of written) {
      if (!/^[+-]/.test(text)) {
        yield {
          pointer,
          message: `is neither added nor taken away (expected "+${text}" or "-${text}", got "${text}")`,
        };
      } else if (!flags.includes(name)) {
        const hint = didYouMean(name, flags) || ` (expected one of ${flags.join(", ")})`;
        yield { pointer, message: `"${name}" is no flag that a machine may set${hint}` };
      }
    }
    for (const { again } of findRepeated(written, ({ name }) => name)) {
      yield { pointer: again.pointer, message: `"${again.name}" is there twice (expected each flag once)` };
    }
  }),
};
