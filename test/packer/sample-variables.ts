import { packerVariables } from "../../template/packer/packer-variables.ts";
import { goodBuild } from "../template/make-context.ts";

/** The variables of a build from the image and of one from the installer, as `nixherd template build` writes them. */
export function sampleVariables(
  folder: string,
): Readonly<Record<"clone" | "iso", Readonly<Record<string, unknown>>>> {
  const values = {
    vmId: 9001,
    name: "nixos-26.05-v2",
    revision: "unknown",
    nixpkgsRevision: "0123456789abcdef0123456789abcdef01234567",
    created: "2026-11-21T10:00:00.000Z",
    manifestFile: `${folder}/manifest.json`,
    isInsecure: false,
  };
  const url = "https://example.org/nixos-minimal-26.05.1234.abcdef-x86_64-linux.iso";
  const key = { file: `${folder}/id_ed25519`, publicKey: "ssh-ed25519 AAAA build" };
  return {
    clone: packerVariables(goodBuild, values),
    iso: packerVariables({ ...goodBuild, iso: { url, sha256: "ab".repeat(32) } }, { ...values, key }),
  };
}
