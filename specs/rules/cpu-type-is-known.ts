import { didYouMean } from "../did-you-mean.ts";
import { eachMachine, type Rule } from "../rule.ts";

/** CPU types of bpg/proxmox 0.111.1; the cluster's own ones start with "custom-". */
const types = (
  "486 Broadwell Broadwell-IBRS Broadwell-noTSX Broadwell-noTSX-IBRS Cascadelake-Server Cascadelake-Server-noTSX " +
  "Cascadelake-Server-v2 Cascadelake-Server-v4 Cascadelake-Server-v5 Conroe Cooperlake Cooperlake-v2 EPYC EPYC-Genoa EPYC-IBPB " +
  "EPYC-Milan EPYC-Rome EPYC-Rome-v2 EPYC-Rome-v3 EPYC-Rome-v4 EPYC-v3 EPYC-v4 Haswell Haswell-IBRS Haswell-noTSX " +
  "Haswell-noTSX-IBRS Icelake-Client Icelake-Client-noTSX Icelake-Server Icelake-Server-noTSX Icelake-Server-v3 Icelake-Server-v4 " +
  "Icelake-Server-v5 Icelake-Server-v6 IvyBridge IvyBridge-IBRS KnightsMill Nehalem Nehalem-IBRS Opteron_G1 Opteron_G2 Opteron_G3 " +
  "Opteron_G4 Opteron_G5 Penryn SandyBridge SandyBridge-IBRS SapphireRapids Skylake-Client Skylake-Client-IBRS " +
  "Skylake-Client-noTSX-IBRS Skylake-Client-v4 Skylake-Server Skylake-Server-IBRS Skylake-Server-noTSX-IBRS Skylake-Server-v4 " +
  "Skylake-Server-v5 Westmere Westmere-IBRS athlon core2duo coreduo host kvm32 kvm64 max pentium pentium2 pentium3 phenom qemu32 " +
  "qemu64 x86-64-v2 x86-64-v2-AES x86-64-v3 x86-64-v4"
).split(" ");

/** A CPU type is one that the provider takes. */
export const cpuTypeIsKnown: Rule = {
  name: "cpu-type-is-known",
  check: eachMachine(function* ({ spec: { cpu } }) {
    if (types.includes(cpu.type) || /^custom-./.test(cpu.type)) return;
    const hint =
      didYouMean(cpu.type, types) || ' (expected a model such as "x86-64-v3", "host" or "custom-<name>")';
    yield { pointer: "/cpu/type", message: `"${cpu.type}" is no CPU type that Proxmox VE knows${hint}` };
  }),
};
