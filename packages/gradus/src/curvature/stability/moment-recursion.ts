import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkNonNegativeInteger, checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { checkSymmetric } from "../../linalg/symmetric.ts";
import { batchNoiseShare, type SgdSampling } from "./batch-noise.ts";
import { type Eigenbasis, eigenbasis } from "./eigenbasis.ts";
import { isGram, type Jacobian } from "./jacobian.ts";
import { momentMap } from "./second-moments.ts";

export interface MomentRecursionOptions extends SgdSampling {
  readonly learningRate: number;
  readonly steps: number;
  /**
   * M_0 = E[delta_0 delta_0^T], P x P, symmetric; J must then be given by its rows. Defaults to I/r on the r directions
   * in which the loss has curvature, so that E|delta_0|^2 = 1.
   */
  readonly start?: DenseMatrix;
}

/** Expectations over SGD at steps 0 .. `steps`, steps + 1 numbers each. */
export interface MomentPath {
  /** E|delta_t|^2. */
  readonly squaredDistance: Float64Array;
  /** E[delta_t^T G delta_t] / 2, the expected loss of the linearized model. */
  readonly loss: Float64Array;
}

/** V^T M V, r x r, with the unit eigenvectors V = J^T A diag(1 / (n lambda)) of G. */
function inEigenbasis(
  { n, rank: r, eigenvalues, coordinates }: Eigenbasis,
  { values, columns: P }: DenseMatrix,
  { values: M }: DenseMatrix,
): Float64Array<ArrayBuffer> {
  const V = new Float64Array(r * P);
  for (let k = 0; k < r; k++)
    for (let i = 0; i < n; i++) {
      const weight = coordinates[i * r + k] / (n * eigenvalues[k]);
      for (let j = 0; j < P; j++) V[k * P + j] += weight * values[i * P + j];
    }
  const MV = new Float64Array(r * P);
  for (let k = 0; k < r; k++)
    for (let i = 0; i < P; i++) for (let j = 0; j < P; j++) MV[k * P + i] += M[i * P + j] * V[k * P + j];
  const projected = new Float64Array(r * r);
  for (let k = 0; k < r; k++)
    for (let l = 0; l < r; l++)
      for (let j = 0; j < P; j++) projected[k * r + l] += V[k * P + j] * MV[l * P + j];
  return projected;
}

/**
 * The second moments of linearized SGD about a global minimum, by the exact recursion of `stabilityThreshold`: the mean
 * over infinitely many runs. A mean over a few runs does not approximate it, since rare runs dominate.
 * Source: Mulayoff & Michaeli 2024, arXiv 2306.07850.
 *
 * @param J rows g_i, the gradients of the outputs, or their inner products
 * @throws ArgumentError, DataError when J is not valid or not finite, or an option is out of range
 * @throws ConvergenceError naming the step at which the moments leave float64's range
 */
export function momentRecursion(J: Jacobian, options: MomentRecursionOptions): MomentPath {
  checkGivenOptions("momentRecursion", options, [
    "learningRate",
    "steps",
    "start",
    "batchSize",
    "replacement",
  ]);
  const { learningRate, steps, start, batchSize = 1, replacement = false } = options;
  checkPositive({ learningRate: learningRate });
  checkNonNegativeInteger({ steps });
  const basis = eigenbasis(J);
  const p = batchNoiseShare(basis.n, { batchSize, replacement });
  const { rank: r, eigenvalues } = basis;
  let M: Float64Array = new Float64Array(r * r);
  let fixed = 0; // the part of M_0 outside the span of the gradients never changes
  if (start) {
    if (isGram(J)) throw new ArgumentError("start needs the rows of J, got inner products");
    checkFiniteDense("start", start);
    if (start.rows !== J.columns)
      throw new ArgumentError(`start must have ${J.columns} rows and columns, got ${start.rows} rows`);
    checkSymmetric("start", start);
    M = inEigenbasis(basis, J, start);
    for (let j = 0; j < J.columns; j++) fixed += start.values[j * J.columns + j];
    for (let k = 0; k < r; k++) fixed -= M[k * r + k];
  } else for (let k = 0; k < r; k++) M[k * r + k] = 1 / r;

  const map = momentMap(basis, p);
  const half = new Float64Array(r * r);
  const N = new Float64Array(r * r);
  const squaredDistance = zerosOf({ "steps + 1": steps + 1 });
  const loss = new Float64Array(steps + 1);
  for (let t = 0; ; t++) {
    squaredDistance[t] = fixed;
    for (let k = 0; k < r; k++) {
      squaredDistance[t] += M[k * r + k];
      loss[t] += (eigenvalues[k] * M[k * r + k]) / 2;
    }
    if (!Number.isFinite(squaredDistance[t]))
      throw new ConvergenceError(
        `E|delta|^2 is ${squaredDistance[t]} at step ${t}: the learning rate ${learningRate} is unstable`,
      );
    if (t === steps) return { squaredDistance, loss };
    for (let k = 0; k < r; k++) {
      for (let l = 0; l < k; l++) half[k * r + l] = M[k * r + l];
      half[k * r + k] = M[k * r + k] / 2;
    }
    map.apply(half, N);
    for (let k = 0; k < r; k++)
      for (let l = 0; l <= k; l++)
        M[k * r + l] +=
          learningRate * (learningRate * N[k * r + l] - (eigenvalues[k] + eigenvalues[l]) * M[k * r + l]);
  }
}
