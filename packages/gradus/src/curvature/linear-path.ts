import { checkFiniteVector, checkLength } from "../check/arrays.ts";
import { ConvergenceError } from "../check/errors.ts";
import { checkIntegerWithin, checkNonNegativeInteger } from "../check/numbers.ts";
import { checkFunction, checkOptions } from "../check/options.ts";

export interface SegmentOptions {
  /** Points of the first grid, including both ends. */
  readonly points?: number;
  /** Points added around the highest one; 0 for none. */
  readonly refine?: number;
  readonly signal?: AbortSignal;
}

/** The loss along the straight line between two points. */
export interface Segment {
  /** Positions, ascending from 0 at a to 1 at b. */
  readonly t: Float64Array;
  readonly loss: Float64Array;
  /** max_t L - max(L(a), L(b)), at least 0. */
  readonly barrier: number;
  /** max_t [L(t) - (1 - t) L(a) - t L(b)], at least 0. */
  readonly chordBarrier: number;
  /** ||b - a||. */
  readonly distance: number;
}

/**
 * The loss on the segment (1 - t) a + t b between two points, and the barrier between them: first on a uniform grid,
 * then between the neighbors of the highest point, where a narrow peak could be missed.
 *
 * @param loss the loss at a point
 * @throws ArgumentError when a and b differ in length, or there are fewer than 3 points
 * @throws ConvergenceError naming t where the loss is not finite
 */
export async function linearPath(
  loss: (x: Float64Array) => number | Promise<number>,
  a: Float64Array,
  b: Float64Array,
  options: SegmentOptions = {},
): Promise<Segment> {
  checkFunction({ loss });
  checkOptions("linearPath", options, ["points", "refine", "signal"]);
  const { points = 41, refine = 21, signal } = options;
  checkLength("b", b, a.length);
  checkFiniteVector("a", a);
  checkFiniteVector("b", b);
  checkIntegerWithin(3, Number.POSITIVE_INFINITY, { points });
  checkNonNegativeInteger({ refine });

  const at = async (t: number) => {
    signal?.throwIfAborted();
    const value = await loss(a.map((start, i) => (1 - t) * start + t * b[i]));
    if (!Number.isFinite(value)) throw new ConvergenceError(`the loss is ${value} at t = ${t}`);
    return { t, value };
  };
  const samples: { readonly t: number; readonly value: number }[] = [];
  for (let i = 0; i < points; i++) samples.push(await at(i / (points - 1)));
  const ends = [samples[0].value, samples[points - 1].value];
  const over = ({ t, value }: { t: number; value: number }): number =>
    value - (1 - t) * ends[0] - t * ends[1];
  const peak = samples.reduce((best, sample, i) => (sample.value > samples[best].value ? i : best), 0);
  const [from, to] = [samples[Math.max(0, peak - 1)].t, samples[Math.min(points - 1, peak + 1)].t];
  const added: typeof samples = [];
  for (let i = 1; i <= refine; i++) {
    const t = from + ((to - from) * i) / (refine + 1);
    if (Math.abs(t - samples[peak].t) > Number.EPSILON) added.push(await at(t));
  }
  const all = [...samples, ...added].sort((p, q) => p.t - q.t);
  return {
    t: Float64Array.from(all, ({ t }) => t),
    loss: Float64Array.from(all, ({ value }) => value),
    barrier: Math.max(...all.map(({ value }) => value)) - Math.max(...ends),
    chordBarrier: Math.max(0, ...all.map(over)),
    distance: Math.sqrt(a.reduce((sum, start, i) => sum + (b[i] - start) ** 2, 0)),
  };
}
