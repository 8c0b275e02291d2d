import { add, cast, constant, greater, jvp, mean, mul, square, sub, sum, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import { uniformNoise } from "../../nn/noise.ts";

export interface ImplicitScoreLossOptions {
  /**
   * How sum_i x_i dh_i/dx_i is computed: `"exact"`, one forward derivative a coordinate; `"hutchinson"`, its unbiased
   * estimate from `probes` random vectors of signs.
   */
  readonly trace?: "exact" | "hutchinson";
  /** 1 by default. */
  readonly probes?: number;
  /** Place of the probes in the program; needed for "hutchinson" together with `counter`. */
  readonly seed?: number;
  /** The number of the draw, a scalar i64. */
  readonly counter?: Tensor | number;
}

/**
 * Score matching for positive data without noise, inside the graph: the mean over rows of
 *
 *     sum_i h_i^2 / 2 + h_i + x_i dh_i/dx_i,     h = x grad log p (elementwise),
 *
 * which differs from the mean of |h - h_data|^2 / 2 by a constant where x p(x) h vanishes at 0 and infinity.
 * Source: Hyvarinen 2007, "Some extensions of score matching", equation 28; the trace by Hutchinson 1990.
 *
 * @param score h, [rows, d] from x, each row from its own
 * @param x [rows, d], d known
 * @throws ArgumentError for another number of dimensions, or an option that is unknown or missing
 */
export function implicitScoreLoss(
  score: (x: Tensor) => Tensor,
  x: Tensor,
  options: ImplicitScoreLossOptions = {},
): Tensor {
  checkOptions("implicitScoreLoss", options, ["trace", "probes", "seed", "counter"]);
  const { trace = "exact", probes = 1, seed, counter } = options;
  checkOneOf(["exact", "hutchinson"], { trace });
  checkPositiveInteger({ probes });
  const [rows, d] = x.shape;
  if (x.shape.length !== 2 || typeof d !== "number")
    throw new ArgumentError(`x must be [rows, d] with known d, got [${x.shape.join(", ")}]`);
  /** v . (x J v) for rows of directions v. */
  const along = (direction: Tensor) => {
    const { value, tangent } = jvp(score, x, direction);
    return { h: value, product: sum(mul(mul(direction, x), tangent), { axes: [1] }) };
  };
  const directions = (): Tensor[] => {
    const zeros = mul(x, 0);
    if (trace === "exact")
      return Array.from({ length: d }, (_, i) => {
        const unit = new Float64Array(d);
        unit[i] = 1;
        const row = x.dtype === "f32" ? Float32Array.from(unit) : unit;
        return add(zeros, constant(row, [1, d]));
      });
    if (seed === undefined || counter === undefined)
      throw new ArgumentError('seed and counter must be given with trace "hutchinson"');
    return Array.from({ length: probes }, (_, k) => {
      const positive = greater(uniformNoise([rows, d], { seed: seed + k, counter }), 0.5);
      return sub(mul(cast(positive, x.dtype), 2), 1);
    });
  };
  const parts = directions().map(along);
  const traced = parts.map(({ product }) => product).reduce((a, b) => add(a, b));
  const weight = trace === "exact" ? 1 : 1 / probes;
  const [{ h }] = parts;
  const local = sum(add(mul(square(h), 0.5), h), { axes: [1] });
  return mean(add(local, mul(traced, weight)));
}
