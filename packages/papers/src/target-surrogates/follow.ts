import type { Iterate, Method } from "gradus/iterate";
import { batchObjective, type TargetProblem } from "gradus/target-surrogates";

/** Drives a method to an iteration, and returns that iterate; `see` looks at every one and may end earlier. */
export async function drive<I extends Iterate>(
  method: Method<I>,
  iterations: number,
  see: (iterate: I) => boolean | undefined | Promise<boolean | undefined> = () => undefined,
): Promise<I> {
  for await (const iterate of method) {
    const enough = await see(iterate);
    if (enough === true || iterate.iteration >= iterations) return iterate;
  }
  throw new Error("a method of this paper never ends by itself");
}

/** The loss on all rows, and the norm of its gradient. */
export async function wholeLoss(
  whole: TargetProblem,
  theta: Float64Array,
): Promise<{ readonly value: number; readonly gradientNorm: number }> {
  const { value, gradient } = await batchObjective(await whole.at(0, theta)).valueAndGradient(theta);
  return { value, gradientNorm: Math.hypot(...gradient) };
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
