import { ArgumentError } from "../check/errors.ts";
import type { MaybePromise } from "./objective.ts";

/** A function of x, with its name, and the arrays of numbers that it returned. */
export interface CheckedCall {
  readonly name: string;
  arrays(x: Float64Array): MaybePromise<readonly ArrayLike<number>[]>;
}

/**
 * Checks that a function leaves x as it is, and that its answer at x outlives the next call: methods keep answers, and
 * would go on from a point or compare gradients that have changed since.
 *
 * @param beside another point at which the function is finite
 * @throws ArgumentError naming the function
 */
export async function checkCall(
  { name, arrays }: CheckedCall,
  x: Float64Array,
  beside: Float64Array,
): Promise<void> {
  const at = x.slice();
  const answer = await arrays(at);
  const j = at.findIndex((xj, k) => !Object.is(xj, x[k]));
  if (j >= 0)
    throw new ArgumentError(`${name} must leave x as it is; it changed number ${j} from ${x[j]} to ${at[j]}`);
  const before = answer.map((values) => Array.from(values));
  await arrays(beside.slice());
  if (before.some((numbers, i) => numbers.some((value, k) => !Object.is(value, answer[i][k]))))
    throw new ArgumentError(
      `${name} must return a new array at every call; its next call overwrote the one before`,
    );
}
