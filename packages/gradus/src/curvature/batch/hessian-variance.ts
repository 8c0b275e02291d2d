import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import type { Values, ValuesOf } from "../../tree/arrays.ts";
import { rowCount } from "../../tree/rows.ts";
import { checkProblem } from "../operators/check-problem.ts";
import type { LossProblem } from "../operators/contract.ts";
import { type CompiledRows, compileRowHessians } from "../rows/per-example.ts";
import { accumulate, standardErrorOf, type TraceState } from "../spectrum/hutchinson-trace.ts";

interface ProductMoments {
  /** H z, the mean of H_i z. */
  readonly mean: Float64Array;
  /** (1/(N - 1)) sum_i |H_i z - H z|^2. */
  readonly total: number;
  /** The sample variance of the numbers z^T H_i z. */
  readonly along: number;
}

/** Mean and variance of H_i z over the rows, by Welford's updates, which avoid differences of large sums. */
async function productMoments<P>(
  hessians: CompiledRows<P>,
  z: Float64Array,
  signal: AbortSignal | undefined,
): Promise<ProductMoments> {
  const { length } = z;
  const mean = new Float64Array(length);
  let total = 0;
  let seen: TraceState = { mean: 0, squares: 0 };
  let count = 0;
  for await (const {
    rows,
    vectors: { values },
  } of hessians.blocks({ vector: z, signal }))
    for (let row = 0; row < rows; row++) {
      count += 1;
      const start = row * length;
      let product = 0;
      for (let j = 0; j < length; j++) {
        const value = values[start + j];
        const before = value - mean[j];
        mean[j] += before / count;
        total += before * (value - mean[j]);
        product += z[j] * value;
      }
      seen = accumulate(seen, product, count);
    }
  return { mean, total: total / (count - 1), along: seen.squares / (count - 1) };
}

function requireSample(data: Values): void {
  const rows = rowCount(data);
  if (rows < 2) throw new DataError(`data must have at least 2 rows for a variance, got ${rows}`);
}

/** The state of the estimate, plain data. */
export interface HessianVarianceState {
  readonly variance: TraceState;
  readonly curvature: TraceState;
  readonly spread: TraceState;
}

/** What an iterate of the estimate reports. */
export interface HessianVarianceView {
  /** s^2 = (1/P) E |H_i - H|_F^2; NaN before the first probe. */
  readonly hessianVariance: number;
  /** Standard error of `hessianVariance` over the probes; NaN before the second. */
  readonly standardError: number;
  /** mu, the mean of z^T H z over the probes: an estimate of tr H / P. */
  readonly meanCurvature: number;
  /**
   * The factor of H - mu I that shrinks the eigenvalues of the data's Hessian toward those of the population:
   * 1 - s^2 / (N Delta) clipped to [0, 1], with Delta the mean of |H z - mu z|^2.
   */
  readonly shrinkage: number;
}

export interface HessianVarianceOptions extends MethodOptions<HessianVarianceState> {
  /** Number of random directions after which the method ends. */
  readonly probes?: number;
  readonly seed?: number;
}

/**
 * The variance of a single row's Hessian from Hessian-vector products, without forming a matrix; one iterate per probe.
 * For a uniformly random unit vector z,
 *
 *     s^2 = E (1/(N - 1)) sum_i |H_i z - H z|^2 = (1/P) (1/(N - 1)) sum_i |H_i - H|_F^2,
 *
 * the constant of the additive model, in which all directions are equally noisy. If they are not,
 * `localHessianVariance` gives the variance that matters for the extreme eigenvalue. A probe takes one Hessian-vector
 * product per row.
 * Source: Granziol, Zohren & Roberts 2022 and the author's code, there with one probe and a biased divisor; Ledoit &
 * Wolf 2004 for the shrinkage.
 *
 * @throws ArgumentError when probes is not an integer >= 1
 * @throws DataError when there are fewer than 2 rows
 * @throws ConvergenceError naming the probe, and the row whose product is not finite
 */
export function hessianVariance<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: LossProblem<P, D>,
  options: HessianVarianceOptions = {},
): Method<Iterate<HessianVarianceState> & HessianVarianceView> {
  checkProblem("hessianVariance", problem, ["loss"]);
  checkOptions("hessianVariance", options, ["probes", "seed", "resume", "signal"]);
  const { probes = 4, ...rest } = options;
  checkPositiveInteger({ probes });
  requireSample(problem.data);
  return varianceByProbes(problem, { ...rest, probes });
}

async function* varianceByProbes<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: LossProblem<P, D>,
  { probes, seed = 0, resume, signal }: HessianVarianceOptions & { readonly probes: number },
): Method<Iterate<HessianVarianceState> & HessianVarianceView> {
  using hessians = await compileRowHessians(problem);
  const rows = rowCount(problem.data);
  const { dimension } = hessians.layout;
  const stream = randomStream(seed).split("probes");
  const nothing: TraceState = { mean: 0, squares: 0 };
  yield* iterates<HessianVarianceState, HessianVarianceView>(
    {
      fields: ["variance", "curvature", "spread"],
      start: () => ({ variance: nothing, curvature: nothing, spread: nothing }),
      async step({ variance, curvature, spread }, probe) {
        const z = stream.split(probe).fillNormal(new Float64Array(dimension));
        const length = norm2(z);
        for (let j = 0; j < dimension; j++) z[j] /= length;
        const { mean, total } = await productMoments(hessians, z, signal).catch((cause: unknown) => {
          if (!(cause instanceof ConvergenceError)) throw cause;
          throw new ConvergenceError(`probe ${probe}: ${cause.message}`, { cause });
        });
        const mu = dot(z, mean);
        let squares = 0;
        for (let j = 0; j < dimension; j++) squares += (mean[j] - mu * z[j]) ** 2;
        return {
          variance: accumulate(variance, total, probe + 1),
          curvature: accumulate(curvature, mu, probe + 1),
          spread: accumulate(spread, squares, probe + 1),
        };
      },
      view({ variance, curvature, spread }, count) {
        const known = count > 0;
        const kept = 1 - variance.mean / (rows * spread.mean);
        return {
          hessianVariance: known ? variance.mean : Number.NaN,
          standardError: standardErrorOf(variance, count),
          meanCurvature: known ? curvature.mean : Number.NaN,
          shrinkage: known ? Math.min(1, Math.max(0, kept)) : Number.NaN,
          done: count >= probes,
        };
      },
    },
    { resume, signal },
  );
}

/** The variance of a row's Hessian along a direction and across it. */
export interface LocalHessianVariance {
  /** v_par = (1/(N - 1)) sum_i (u^T E_i u)^2, E_i = H_i - H. */
  readonly along: number;
  /** v_perp = (1/(N - 1)) sum_i |E_i u - (u^T E_i u) u|^2. */
  readonly across: number;
}

/**
 * The variance of a single row's Hessian at a unit vector u, from one product per row with u. At the top eigenvector it
 * limits the learning rate of small batches (`maxBatchLearningRate`) and makes the largest eigenvalue of a batch exceed
 * that of the data (`localBatchEigenvalue`).
 *
 * @param u a vector of the layout's dimension; it is normalized
 * @throws ArgumentError when u has the wrong length or is 0
 * @throws DataError when there are fewer than 2 rows
 * @throws ConvergenceError naming the row whose product is not finite
 */
export async function localHessianVariance<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: LossProblem<P, D>,
  u: Float64Array,
  options: { readonly signal?: AbortSignal } = {},
): Promise<LocalHessianVariance> {
  checkProblem("localHessianVariance", problem, ["loss"]);
  checkOptions("localHessianVariance", options, ["signal"]);
  requireSample(problem.data);
  const length = norm2(u);
  if (!(length > 0)) throw new ArgumentError(`u must be nonzero, got a vector of norm ${length}`);
  using hessians = await compileRowHessians(problem);
  const { total, along } = await productMoments(
    hessians,
    u.map((value) => value / length),
    options.signal,
  );
  return { along, across: total - along };
}
