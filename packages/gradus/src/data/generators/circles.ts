import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkNonNegative, checkWithin } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import type { LabeledRows } from "../dataset.ts";

export interface CirclesOptions {
  /** Number of rows, even. */
  readonly n: number;
  /** Radius of the inner circle, in (0, 1); the outer one has radius 1. */
  readonly factor?: number;
  /** Standard deviation of normal noise on both coordinates. */
  readonly noise?: number;
  readonly seed: number;
}

/**
 * Two concentric circles in the plane, with half of the rows evenly spaced on each, in random order: label 0 is the
 * unit circle, 1 the inner one.
 *
 * @throws ArgumentError unless n is an even integer >= 2, factor in (0, 1) and noise finite and >= 0, or for an unknown
 *   option
 */
export function circles(options: CirclesOptions): LabeledRows<Int32Array> {
  checkGivenOptions("circles", options, ["n", "factor", "noise", "seed"]);
  const { n, factor = 0.7, noise = 0.1, seed } = options;
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { n });
  if (n % 2 !== 0) throw new ArgumentError(`n must be even, got ${n}`);
  checkWithin("(0, 1)", { factor });
  checkNonNegative({ noise });
  const stream = randomStream(seed);
  const x = stream.split("noise").fillNormal(zerosOf({ n, coordinates: 2 }));
  const order = stream.split("order").permutation(n);
  const y = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    y[i] = order[i] % 2;
    const radius = y[i] === 0 ? 1 : factor;
    const angle = (2 * Math.PI * (order[i] >> 1)) / (n / 2);
    x[2 * i] = radius * Math.cos(angle) + noise * x[2 * i];
    x[2 * i + 1] = radius * Math.sin(angle) + noise * x[2 * i + 1];
  }
  return { x: { rows: n, columns: 2, values: x }, y };
}
