import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkNonNegative } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { randomStream } from "../../random/stream.ts";
import type { LabeledRows } from "../dataset.ts";

export interface MoonsOptions {
  /** Number of rows, even. */
  readonly n: number;
  /** Standard deviation of normal noise on both coordinates. */
  readonly noise?: number;
  readonly seed: number;
}

/**
 * Two interleaving half circles of radius 1 in the plane, with half of the rows evenly spaced on each, in random order:
 *
 *     label 0: (cos t, sin t),   label 1: (1 - cos t, 1/2 - sin t),   t in [0, pi]
 *
 * @throws ArgumentError unless n is an even integer >= 4 and noise finite and >= 0, or for an unknown option
 */
export function moons(options: MoonsOptions): LabeledRows<Int32Array> {
  checkGivenOptions("moons", options, ["n", "noise", "seed"]);
  const { n, noise = 0.1, seed } = options;
  checkIntegerWithin(4, Number.POSITIVE_INFINITY, { n });
  if (n % 2 !== 0) throw new ArgumentError(`n must be even, got ${n}`);
  checkNonNegative({ noise });
  const stream = randomStream(seed);
  const x = stream.split("noise").fillNormal(zerosOf({ n, coordinates: 2 }));
  const order = stream.split("order").permutation(n);
  const y = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    y[i] = order[i] % 2;
    const t = (Math.PI * (order[i] >> 1)) / (n / 2 - 1);
    const [across, up] = [Math.cos(t), Math.sin(t)];
    x[2 * i] = (y[i] === 0 ? across : 1 - across) + noise * x[2 * i];
    x[2 * i + 1] = (y[i] === 0 ? up : 0.5 - up) + noise * x[2 * i + 1];
  }
  return { x: { rows: n, columns: 2, values: x }, y };
}
