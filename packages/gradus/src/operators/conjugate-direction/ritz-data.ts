import { gemm } from "@gradus/blas/dense";
import type { ArrayValue } from "@gradus/graph";
import { checkFiniteVector } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegativeInteger, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { solve } from "../../iterate/iterate.ts";
import { lanczos } from "../../linalg/krylov/lanczos.ts";
import { ritzPairs } from "../../linalg/krylov/ritz.ts";
import { after, type LinearOperator } from "../../linalg/operator/contract.ts";
import { norm2 } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";

/** From which operator samples are made, how many, and by how many Lanczos steps. */
export interface RitzDataOptions {
  /** A, symmetric positive (semi)definite. */
  readonly operator: LinearOperator;
  /** Shape of a sample; [A.rows] by default, [1, ...shape of the grid] for networks on grids. */
  readonly shape?: readonly number[];
  /** Samples. */
  readonly count: number;
  /** Lanczos steps; 0.4 n, at most 600, by default. */
  readonly steps?: number;
  /** How many more than half of the Ritz vectors are amplified; a twentieth of the steps by default. */
  readonly extra?: number;
  /** What the coefficients of the smooth half are multiplied by; 9 by default. */
  readonly amplification?: number;
  /** How many of the smoothest Ritz vectors are mixed; all by default. */
  readonly smoothest?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** Right-hand sides for training: random mixtures of Ritz vectors in which the smooth half weighs more. */
export interface RitzData {
  /** Unit vectors [count, ...shape] in float32. */
  readonly samples: ArrayValue;
  /** The Ritz values of the vectors that were mixed, descending. */
  readonly values: Float64Array;
  /** Lanczos steps taken: fewer than asked for where the space became invariant, and the values are eigenvalues. */
  readonly steps: number;
}

/**
 * A whose products are projected on its range: otherwise rounding brings the null space into the process, which then
 * passes for a smooth Ritz vector.
 */
function withinRange(A: LinearOperator): LinearOperator {
  const { project } = A;
  if (!project) return A;
  return {
    rows: A.rows,
    columns: A.columns,
    symmetric: A.symmetric,
    apply: (x, out) => after(A.apply(x, out), () => out.set(project(out))),
  };
}

/** Ritz values of less than this, relative to the largest, belong to the null space. */
const NULL_SPACE = 1e-8;

/**
 * Right-hand sides for training a direction network on A alone: random mixtures of Ritz vectors y_j of a Lanczos process
 * with full reorthogonalization, started at A w with Gaussian w,
 *
 *     b = sum_j c_j y_j / ||.||,   c_j = 9 N(0, 1) for the m / 2 + extra smallest Ritz values, N(0, 1) for the others
 *
 * Memory m n, 2 m^2 n flops for the process and 2 count m n for the mixtures.
 * Source: Kaneda, Akar, Chen, Kala, Hyde & Teran 2023, and the code of these authors.
 *
 * @throws ArgumentError, DataError naming what does not fit
 */
export async function ritzData(options: RitzDataOptions): Promise<RitzData> {
  checkGivenOptions("ritzData", options, [
    "operator",
    "shape",
    "count",
    "steps",
    "extra",
    "amplification",
    "smoothest",
    "seed",
    "signal",
  ]);
  const { operator, count, amplification = 9, smoothest, seed = 0, signal } = options;
  const n = operator.rows;
  const { shape = [n], steps = Math.max(1, Math.min(Math.floor(0.4 * n), 600)) } = options;
  const { extra = Math.floor(steps / 20) } = options;
  checkPositiveInteger({ count, steps, ...(smoothest !== undefined && { smoothest }) });
  checkNonNegativeInteger({ extra });
  checkPositive({ amplification });
  if (shape.reduce((product, size) => product * size, 1) !== n)
    throw new ArgumentError(`shape must have ${n} entries, got [${shape.join(", ")}]`);
  const stream = randomStream(seed);
  const noise = stream.split("start").fillNormal(new Float64Array(n));
  const start = new Float64Array(n);
  const pending = operator.apply(noise, start);
  if (pending) await pending;
  checkFiniteVector("A w", start);
  if (norm2(start) === 0) throw new ArgumentError("operator must not be 0");
  const { iterate } = await solve(lanczos(withinRange(operator), { start, steps, signal }), { signal });
  const taken = iterate.alpha.length;
  const { values, vectors } = ritzPairs(iterate);
  // ascending, as the mixture counts from the smallest
  const kept = Array.from(values.keys())
    .reverse()
    .filter((j) => values[j] > NULL_SPACE * values[0])
    .slice(0, smoothest);
  const amplified = taken / 2 + extra;
  const mixing = stream.split("mixtures");
  const coefficients = mixing.fillNormal(new Float64Array(count * kept.length));
  for (let at = 0; at < coefficients.length; at++)
    if (at % kept.length < amplified) coefficients[at] *= amplification;
  const basis = new Float64Array(kept.length * n);
  kept.forEach((j, row) => {
    basis.set(vectors[j], row * n);
  });
  const mixtures = gemm({
    a: { rows: count, columns: kept.length, values: coefficients },
    b: { rows: kept.length, columns: n, values: basis },
  }).values;
  if (operator.project)
    for (let at = 0; at < mixtures.length; at += n)
      mixtures.set(operator.project(mixtures.subarray(at, at + n)), at);
  return {
    samples: { dtype: "f32", shape: [count, ...shape], data: unitRows(mixtures, n) },
    values: Float64Array.from(kept, (j) => values[j]).reverse(),
    steps: taken,
  };
}

/** Rows of length 1, in float32. */
function unitRows(rows: Float64Array, n: number): Float32Array {
  const units = new Float32Array(rows.length);
  for (let at = 0; at < rows.length; at += n) {
    const length = norm2(rows.subarray(at, at + n));
    for (let k = at; k < at + n; k++) units[k] = rows[k] / length;
  }
  return units;
}
