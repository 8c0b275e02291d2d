import { gemm } from "@gradus/blas/dense";
import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import {
  checkIntegerWithin,
  checkNonNegativeInteger,
  checkPositive,
  checkPositiveInteger,
} from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { symmetricEigen } from "../../linalg/factorize/symmetric-eigen.ts";
import { checkFiniteDense, type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import { type RidgeActivationName, ridgeActivation } from "./activations.ts";
import { checkBox, featuresOf, type HiddenUnits, type ParameterBox, randomUnits } from "./hidden-units.ts";
import { supremumOverBox } from "./supremum.ts";

export interface LowerBoundOptions extends ParameterBox {
  /** N x m; the bound is on the root mean square over these rows. Its cost grows like N^3. */
  readonly x: DenseMatrix;
  /** N target values. */
  readonly y: Float64Array;
  readonly activation?: RidgeActivationName;
  /** Points on each axis of the box at which correlations are evaluated (m = 1), 16 to 2000. */
  readonly grid?: number;
  /** Random parameters at which they are evaluated where m > 1. */
  readonly samples?: number;
  readonly seed?: number;
}

/** One function that the units of the domain hardly see. */
export interface Witness {
  /** mean_j y_j g_j. */
  readonly correlation: number;
  /** At least (`proved`) or about (`estimated`) the largest |mean_j sigma(a . x_j - b) g_j| over the domain. */
  readonly supremum: number;
}

/** For each budget of output weights, an error below which no network of the domain comes. */
export interface RandomNetworkCertificate {
  readonly witnesses: readonly Witness[];
  /** Root mean square of the target: the error of the network without weights. */
  readonly targetRms: number;
  /** `proved`: the suprema are bounded over the whole domain (m = 1); `estimated`: they are maxima over a sample. */
  readonly kind: "proved" | "estimated";
}

/** Strengths of the ridge fits whose residuals are witnesses. */
const STRENGTHS = Array.from({ length: 29 }, (_, k) => 10 ** (-14 + k / 2));
/** Units of the ridge fits, on each axis and in all. */
const COARSE = 41;
const COARSE_UNITS = 2000;

/** Units on a grid of the box (m = 1), or random ones with its corners left to chance. */
function coarseUnits(options: LowerBoundOptions, inputs: number): HiddenUnits {
  const { slope, bias } = checkBox(options);
  const { activation = "sigmoid", seed = 0 } = options;
  if (inputs > 1) return randomUnits({ inputs, width: COARSE_UNITS, slope, bias, activation, seed });
  const at = (half: number, k: number) => half * ((2 * k) / (COARSE - 1) - 1);
  const count = COARSE * COARSE;
  const slopes = Float64Array.from({ length: count }, (_, k) => at(slope, Math.floor(k / COARSE)));
  const biases = Float64Array.from({ length: count }, (_, k) => at(bias, k % COARSE));
  return { slopes: denseMatrix(slopes, count, 1), biases, activation };
}

/** The normalized residuals of ridge fits of y by units of the domain, and y itself; one a column. */
function witnessesOf(y: Float64Array, H: DenseMatrix): DenseMatrix {
  const N = y.length;
  const gram = gemm({ a: H, b: H, transposeB: true });
  // only the witnesses depend on squared singular values: whatever they are, the bound holds
  const { values: energies, vectors } = symmetricEigen(denseMatrix(gram.values, N, N));
  const z = gemm({ a: vectors, transposeA: true, b: denseMatrix(y, N, 1) }).values;
  const shares = new Float64Array(N * (STRENGTHS.length + 1));
  const count = STRENGTHS.length + 1;
  for (let i = 0; i < N; i++) {
    for (const [k, strength] of STRENGTHS.entries()) {
      const ridge = strength * energies[0];
      shares[i * count + k] = (z[i] * ridge) / (Math.max(0, energies[i]) + ridge);
    }
    shares[i * count + count - 1] = z[i];
  }
  const residuals = gemm({ a: vectors, b: denseMatrix(shares, N, count) }).values;
  for (let k = 0; k < count; k++) {
    let squares = 0;
    for (let j = 0; j < N; j++) squares += residuals[j * count + k] ** 2;
    const rms = Math.sqrt(squares / N);
    for (let j = 0; j < N; j++) residuals[j * count + k] /= rms;
  }
  return denseMatrix(residuals, N, count);
}

function sampledSuprema(options: LowerBoundOptions, G: DenseMatrix): Float64Array<ArrayBuffer> {
  const { x, slope, bias, activation, samples = 4000, seed = 0 } = options;
  const units = randomUnits({
    inputs: x.columns,
    width: samples,
    slope,
    ...(bias === undefined ? {} : { bias }),
    ...(activation === undefined ? {} : { activation }),
    seed: seed + 1,
  });
  const products = gemm({ a: featuresOf(units, x), transposeA: true, b: G }).values;
  const largest = new Float64Array(G.columns);
  for (let k = 0; k < products.length; k++)
    largest[k % G.columns] = Math.max(largest[k % G.columns], Math.abs(products[k]) / x.rows);
  return largest;
}

/**
 * Bounds from below how well any network with hidden parameters in a box can approximate a target: for every number of
 * units, every choice of their parameters in V, every output weights c with |c|_1 <= C and every g with mean g^2 = 1,
 *
 *     rmse >= |mean y g| - C sup over (a, b) in V of |mean sigma(a . x - b) g|.
 *
 * Witnesses g are residuals of ridge fits by units of V. In one dimension the supremum is proved, by evaluation at
 * Chebyshev points and the activation's analyticity, or its Lipschitz constant.
 *
 * Without a budget there is no such bound: on a compact set an analytic activation's units of any open V are dense, so that
 * what keeps a fit from the target is the size of its weights, and the precision of the numbers.
 *
 * @throws ArgumentError when shapes do not fit, a half-width is not positive or an option is unknown
 * @throws DataError naming the place of a number that is not finite
 * Source: the lower bound by ridgelet analysis is Li, Sonoda, Cao, Wang & Liang 2023; this form, for a budget of weights,
 * follows from the inequalities of Cauchy-Schwarz and Hoelder.
 */
export function randomNetworkLowerBound(options: LowerBoundOptions): RandomNetworkCertificate {
  checkGivenOptions("randomNetworkLowerBound", options, [
    "x",
    "y",
    "slope",
    "bias",
    "activation",
    "grid",
    "samples",
    "seed",
  ]);
  const { x, y, activation = "sigmoid", grid = 201, samples = 4000, seed = 0 } = options;
  checkFiniteDense("x", x);
  checkLength("y", y, x.rows);
  checkFiniteVector("y", y);
  const { slope, bias } = checkBox(options);
  checkIntegerWithin(16, 2000, { grid });
  checkPositiveInteger({ samples });
  checkNonNegativeInteger({ seed });
  const sigma = ridgeActivation(activation);
  const N = x.rows;
  const targetRms = Math.sqrt(y.reduce((sum, value) => sum + value * value, 0) / N);
  const proved = x.columns === 1;
  const kind = proved ? "proved" : "estimated";
  if (targetRms === 0) return { witnesses: [], targetRms, kind };
  const G = witnessesOf(y, featuresOf(coarseUnits(options, x.columns), x));
  const suprema = proved
    ? supremumOverBox({ x: x.values, G, sigma, slope, bias, grid })
    : sampledSuprema(options, G);
  const witnesses: Witness[] = [];
  for (let k = 0; k < G.columns; k++) {
    let correlation = 0;
    for (let j = 0; j < N; j++) correlation += (y[j] * G.values[j * G.columns + k]) / N;
    if (Number.isFinite(correlation)) witnesses.push({ correlation, supremum: suprema[k] });
  }
  return { witnesses, targetRms, kind };
}

/**
 * The largest of the certificate's bounds for output weights with |c|_1 <= budget: no such network has a smaller root
 * mean square error. Zero or negative where the certificate says nothing.
 *
 * @throws ArgumentError unless the budget is positive
 */
export function lowerBoundAt({ witnesses }: RandomNetworkCertificate, budget: number): number {
  checkPositive({ budget });
  return witnesses.reduce(
    (best, { correlation, supremum }) => Math.max(best, Math.abs(correlation) - budget * supremum),
    witnesses.length === 0 ? 0 : Number.NEGATIVE_INFINITY,
  );
}
