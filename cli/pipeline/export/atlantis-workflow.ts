/** Every step is a script of its own. */
const bash = { shell: "bash", shellArgs: "-e -o pipefail -c" };

/** Steps start in the project's folder, which holds the specs. */
const enterRoot = 'cd "$(git rev-parse --show-toplevel)"';

/** What scripts/setup installed. */
const usePrograms = "source scripts/lib/path.sh";

const terraform = '"$TERRAFORM" -chdir="cdktf.out/stacks/$PROJECT_NAME"';

const judge = `${terraform} show -json "$PLANFILE" | npx nixherd check-plan - --stack "$PROJECT_NAME"`;

/** The program that the server has for the project: it is named with its version where the server downloaded it. */
const findTerraform = {
  env: {
    name: "TERRAFORM",
    command:
      'command -v "$ATLANTIS_TERRAFORM_DISTRIBUTION$ATLANTIS_TERRAFORM_VERSION" || command -v "$ATLANTIS_TERRAFORM_DISTRIBUTION"',
    ...bash,
  },
};

/** Before an apply, too: the server may have made another copy of the repository since the plan. */
const prepare = [
  findTerraform,
  step(["scripts/setup", usePrograms, "npx nixherd synth"], "hide"),
  step([`${terraform} init -input=false -no-color`], "hide"),
];

/**
 * The workflow of every project: synthesis first, then a plan and what the policy has against it. The policy is asked
 * again at the moment of the apply, and stops it then: windows open and close in between.
 */
export function atlantisWorkflow(parallelism: number): object {
  const options = `-input=false -no-color -lock-timeout=5m -parallelism=${parallelism}`;
  return {
    plan: {
      steps: [
        ...prepare,
        step([`${terraform} plan ${options} -out="$PLANFILE"`], "strip_refreshing"),
        // 4 is a plan that the policy holds: it is shown, and cannot be applied.
        step([usePrograms, `code=0`, `${judge} || code=$?`, "[[ $code == 0 || $code == 4 ]]"]),
      ],
    },
    apply: {
      steps: [...prepare, step([usePrograms, judge]), step([`${terraform} apply ${options} "$PLANFILE"`])],
    },
  };
}

function step(lines: readonly string[], output?: "hide" | "strip_refreshing"): object {
  const command = [enterRoot, ...lines].join("\n");
  return { run: { command, ...bash, ...(output === undefined ? {} : { output }) } };
}
