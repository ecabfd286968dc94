/** Lines that follow a diagnostic but do not belong to it. */
const endings = [
  "Terraform used the selected",
  "OpenTofu used the selected",
  "Apply complete!",
  "Destroy complete!",
  "Plan: ",
  "No changes.",
  "Releasing state",
  "Saved the plan",
  "Changes to Outputs",
  "Outputs:",
];

const location = /^\s*(with \S+,|on .* line \d+.*|\d+: .*)$/;

/**
 * The errors and warnings in a command's output, as pairs of severity and text with white space collapsed.
 * OpenTofu's texts name itself where Terraform's name Terraform: that is no difference.
 */
export function diagnosticsOf(output: string): readonly (readonly [string, string])[] {
  return `\n\n${output}`
    .split(/\n\n(?=(?:Error|Warning): )/)
    .slice(1)
    .map((part) => {
      const colon = part.indexOf(": ");
      return [part.slice(0, colon).toLowerCase(), collapse(part.slice(colon + 2))] as const;
    });
}

function collapse(text: string): string {
  const joined = text
    .split("\n")
    .filter((line) => !location.test(line))
    .join(" ");
  const end = Math.min(
    ...endings.map((ending) => joined.indexOf(ending)).map((at) => (at > 0 ? at : Infinity)),
  );
  return joined
    .slice(0, end)
    .replaceAll("OpenTofu", "Terraform")
    .replaceAll('"tofu ', '"terraform ')
    .replaceAll(/\s+/g, " ")
    .trim();
}
