import { output, type StackOutput } from "../../terraform/output.ts";
import type { PipelineContext } from "./context.ts";
import { eachStack } from "./each-stack.ts";
import { exitCodeOf } from "./exit-code.ts";
import { initStack } from "./plan-stack.ts";
import { prepareStacks } from "./prepare-stacks.ts";

/** Tells the outputs of stacks, those that are marked as sensitive without their values; gives the exit code. */
export async function showOutputs(context: PipelineContext, names: readonly string[]): Promise<number> {
  const prepared = await prepareStacks(context, { names, targets: [], synth: "if-missing" });
  const { failures } = await eachStack(prepared, 1, context, async (stack) => {
    await initStack(stack, context);
    const outputs = Object.entries(await output(stack.folder)).map(([name, one]) => [name, masked(one)]);
    context.report({ event: "outputs", stack: stack.name, outputs: Object.fromEntries(outputs) });
  });
  return exitCodeOf(failures);
}

function masked({ sensitive, value }: StackOutput): StackOutput {
  return { sensitive, value: sensitive ? "(sensitive)" : value };
}
