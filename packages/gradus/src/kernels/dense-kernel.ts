import { checkLength } from "../check/arrays.ts";
import { ArgumentError, ConvergenceError } from "../check/errors.ts";
import { checkNonNegative, checkPositive, checkPositiveInteger } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { pacer } from "../iterate/iterate.ts";
import { checkDense, checkFiniteDense, type DenseMatrix } from "../linalg/matrix.ts";
import { dualActivationOf, type KernelActivation } from "./activation.ts";
import type { DualActivation } from "./dual-activation.ts";
import { innerProducts, squaredNorms } from "./inner-products.ts";

/** A network of dense layers, z = weightStd W a / sqrt(width) + biasStd b, as its widths go to infinity. */
export interface DenseKernelOptions {
  /** Layers of weights: one more than hidden layers. */
  readonly depth: number;
  /** Behind each layer but the last. */
  readonly activation?: KernelActivation;
  /** One for all layers, or one a layer from the input to the output. */
  readonly weightStd?: number | readonly number[];
  readonly biasStd?: number | readonly number[];
  /**
   * Where the activation has no closed form: the error of its expectations that is accepted, relative to their size.
   * Grids are refined until they meet it at the variances of the call; what does not meet it is refused.
   */
  readonly quadratureTolerance?: number;
  /** The most nodes along each of the two axes, from 64 on. */
  readonly quadratureNodes?: number;
}

/** Entries of both kernels for some rows of X and all of Y. */
export interface KernelBlock {
  readonly firstRow: number;
  /** The covariance Sigma of the networks' outputs at initialization. */
  readonly nngp: DenseMatrix;
  /** The neural tangent kernel Theta. */
  readonly ntk: DenseMatrix;
}

/** Both kernels, rows of X x rows of Y (or of X). */
export interface KernelMatrices {
  readonly nngp: DenseMatrix;
  readonly ntk: DenseMatrix;
}

/** What a long evaluation listens to, and whom it tells how far it is. */
export interface KernelEvaluationOptions {
  readonly signal?: AbortSignal;
  /** Called with the share of rows done. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * The kernels of an infinitely wide network between points, one a row. `Y` left out: X against itself, symmetric, with
 * an exact diagonal.
 */
export interface DenseKernel {
  readonly depth: number;
  /** The networks' covariance Sigma^(L), rows of X x rows of Y. */
  nngp(X: DenseMatrix, Y?: DenseMatrix, options?: KernelEvaluationOptions): Promise<DenseMatrix>;
  /** The tangent kernel Theta^(L). */
  ntk(X: DenseMatrix, Y?: DenseMatrix, options?: KernelEvaluationOptions): Promise<DenseMatrix>;
  both(X: DenseMatrix, Y?: DenseMatrix, options?: KernelEvaluationOptions): Promise<KernelMatrices>;
  /** Both kernels block by block, in memory that does not grow with the number of rows of X. */
  rowBlocks(
    X: DenseMatrix,
    Y?: DenseMatrix,
    options?: { readonly signal?: AbortSignal },
  ): AsyncGenerator<KernelBlock, void, void>;
  /** Sigma^(L)(x, x) and Theta^(L)(x, x) of each row. */
  diagonal(X: DenseMatrix): Promise<{ readonly nngp: Float64Array; readonly ntk: Float64Array }>;
  /** Frees a traced activation's program. */
  dispose(): Promise<void>;
}

const PAIRS = 8192;
const MOST_ENTRIES = 2 ** 28;

function perLayer(
  name: string,
  value: number | readonly number[],
  depth: number,
  positive: boolean,
): readonly number[] {
  const check = positive ? checkPositive : checkNonNegative;
  if (!Array.isArray(value)) {
    check({ [name]: value });
    return new Array<number>(depth).fill(Number(value));
  }
  checkLength(name, value, depth);
  for (const [l, one] of value.entries()) check({ [`${name}[${l}]`]: one });
  return value;
}

/** What stays the same for all pairs. */
interface Layers {
  readonly dual: DualActivation;
  readonly weightVariance: readonly number[];
  readonly biasVariance: readonly number[];
}

/** What to say where numbers leave float64's range, as products of variances above 1e154 do. */
function outOfRange(left: string, right: string, value: number): ConvergenceError {
  return new ConvergenceError(
    `the kernel of ${left} and ${right} must be finite, got ${value}: their squares leave the range of float64; scale the rows down`,
  );
}

/** Sigma^(l)(x, x) of each row, layer by layer, and Theta^(L)(x, x). */
async function diagonals(
  { dual, weightVariance, biasVariance }: Layers,
  name: string,
  points: DenseMatrix,
  signal?: AbortSignal,
) {
  const { rows: n, columns: d } = points;
  let sigma = squaredNorms(name, points).map((square) => (weightVariance[0] * square) / d + biasVariance[0]);
  const theta = sigma.slice();
  const layers = [sigma];
  for (let l = 1; l < weightVariance.length; l++) {
    const [covariance, derivative] = [new Float64Array(n), new Float64Array(n)];
    const pending = dual.evaluate({ k11: sigma, k12: sigma, k22: sigma, covariance, derivative }, signal);
    if (pending) await pending;
    sigma = covariance.map((value) => weightVariance[l] * value + biasVariance[l]);
    for (let i = 0; i < n; i++) theta[i] = weightVariance[l] * theta[i] * derivative[i] + sigma[i];
    layers.push(sigma);
  }
  for (let i = 0; i < n; i++)
    if (!Number.isFinite(theta[i])) throw outOfRange(`${name}[${i}]`, `${name}[${i}]`, theta[i]);
  return { layers, nngp: sigma, ntk: theta };
}

interface Side {
  readonly name: string;
  readonly points: DenseMatrix;
  readonly layers: readonly Float64Array[];
}

/** Both kernels for rows first .. end - 1 of X and, of each row i, the first widths(i) rows of Y, one after another. */
async function block(
  { dual, weightVariance, biasVariance }: Layers,
  X: Side,
  Y: Side,
  [first, end]: readonly [number, number],
  width: (row: number) => number,
  signal?: AbortSignal,
): Promise<{ sigma: Float64Array; theta: Float64Array }> {
  const widths = Array.from({ length: end - first }, (_, i) => width(first + i));
  const size = widths.reduce((sum, w) => sum + w, 0);
  const k11 = new Float64Array(size);
  const k22 = new Float64Array(size);
  const derivative = new Float64Array(size);
  let sigma = new Float64Array(size);
  let covariance = new Float64Array(size);
  innerProducts(X.points, first, widths, Y.points, sigma);
  const { columns: d } = X.points;
  for (let p = 0; p < size; p++) sigma[p] = (weightVariance[0] * sigma[p]) / d + biasVariance[0];
  const theta = sigma.slice();
  for (let l = 1; l < weightVariance.length; l++) {
    for (let i = first, at = 0; i < end; at += width(i), i++) {
      k11.fill(X.layers[l - 1][i], at, at + width(i));
      k22.set(Y.layers[l - 1].subarray(0, width(i)), at);
    }
    const pending = dual.evaluate({ k11, k12: sigma, k22, covariance, derivative }, signal);
    if (pending) await pending;
    const [w, b] = [weightVariance[l], biasVariance[l]];
    for (let p = 0; p < size; p++) {
      covariance[p] = w * covariance[p] + b;
      theta[p] = w * theta[p] * derivative[p] + covariance[p];
    }
    [sigma, covariance] = [covariance, sigma];
  }
  for (let i = first, at = 0; i < end; i++)
    for (let j = 0; j < width(i); j++, at++)
      if (!Number.isFinite(theta[at])) throw outOfRange(`${X.name}[${i}]`, `${Y.name}[${j}]`, theta[at]);
  return { sigma, theta };
}

/**
 * The kernels of a fully connected network with infinitely wide hidden layers in the NTK parametrization: the
 * covariance Sigma of its outputs at initialization, and its tangent kernel Theta, constant while it is trained:
 *
 *     Sigma^(1)(x, x') = w^2 x.x' / d + b^2,          Theta^(1) = Sigma^(1)
 *     Sigma^(l+1) = w^2 E[f(u) f(v)] + b^2,           Theta^(l+1) = w^2 Theta^(l) E[f'(u) f'(v)] + Sigma^(l+1)
 *
 * with (u, v) Gaussian of covariance Sigma^(l), w = weightStd and b = biasStd. For several outputs each kernel stands
 * for itself times the identity. A row of zeros where b = 0 gives zeros.
 *
 * Source: Jacot, Gabriel and Hongler, 2018, "Neural tangent kernel", proposition 1 and theorem 1 (w = 1, b = 0.1).
 *
 * An activation without a closed form is integrated by adaptive quadrature at the variances of each pair, to 1e-8 by
 * default.
 *
 * @throws ArgumentError unless depth is a positive integer, weightStd > 0 and biasStd >= 0, or for unknown options;
 *   when evaluated, for sizes that do not fit or matrices above 2 GiB
 * @throws DataError, when evaluated, for numbers that are not finite, or rows whose squared norm is not
 * @throws ConvergenceError, when evaluated, where quadrature misses its tolerance or an entry leaves float64's range
 */
export function denseKernel(options: DenseKernelOptions): DenseKernel {
  checkOptions("denseKernel", options, [
    "depth",
    "activation",
    "weightStd",
    "biasStd",
    "quadratureTolerance",
    "quadratureNodes",
  ]);
  const { depth, activation = "relu", weightStd = 1, biasStd = 0.1 } = options;
  const { quadratureTolerance: tolerance, quadratureNodes: nodes } = options;
  checkPositiveInteger({ depth });
  const layers: Layers = {
    dual: dualActivationOf(activation, { tolerance, nodes }),
    weightVariance: perLayer("weightStd", weightStd, depth, true).map((w) => w * w),
    biasVariance: perLayer("biasStd", biasStd, depth, false).map((b) => b * b),
  };

  async function sides(
    X: DenseMatrix,
    Y: DenseMatrix | undefined,
    signal: AbortSignal | undefined,
  ): Promise<readonly [Side, Side, Float64Array]> {
    checkFiniteDense("X", X);
    if (Y) checkFiniteDense("Y", Y);
    if (Y && Y.columns !== X.columns)
      throw new ArgumentError(`Y must have as many columns as X, ${X.columns}, got ${Y.columns}`);
    const { layers: ofX, ntk } = await diagonals(layers, "X", X, signal);
    const left = { name: "X", points: X, layers: ofX };
    if (Y === undefined) return [left, left, ntk];
    return [left, { name: "Y", points: Y, layers: (await diagonals(layers, "Y", Y, signal)).layers }, ntk];
  }

  async function both(
    X: DenseMatrix,
    Y?: DenseMatrix,
    options: KernelEvaluationOptions = {},
  ): Promise<KernelMatrices> {
    checkOptions("a kernel's evaluation", options, ["signal", "onProgress"]);
    const { signal, onProgress } = options;
    checkDense("X", X);
    if (Y) checkDense("Y", Y);
    const [rows, columns] = [X.rows, (Y ?? X).rows];
    if (rows * columns > MOST_ENTRIES)
      throw new ArgumentError(
        `X and Y must give matrices of at most 2 GiB, got ${rows} x ${columns}: take rowBlocks`,
      );
    const [left, right, diagonal] = await sides(X, Y, signal);
    const nngp = new Float64Array(rows * columns);
    const ntk = new Float64Array(rows * columns);
    const width = Y ? () => columns : (row: number) => row;
    const pace = pacer();
    for (let first = 0; first < rows; ) {
      signal?.throwIfAborted();
      let end = first + 1;
      for (let size = width(first); end < rows && size + width(end) <= PAIRS; end++) size += width(end);
      const { sigma, theta } = await block(layers, left, right, [first, end], width, signal);
      for (let i = first, at = 0; i < end; at += width(i), i++) {
        nngp.set(sigma.subarray(at, at + width(i)), i * columns);
        ntk.set(theta.subarray(at, at + width(i)), i * columns);
      }
      first = end;
      onProgress?.(first / rows);
      const turn = pace();
      if (turn) await turn;
    }
    if (!Y) {
      const variances = left.layers[depth - 1];
      for (let i = 0; i < rows; i++) {
        nngp[i * rows + i] = variances[i];
        ntk[i * rows + i] = diagonal[i];
      }
      for (const K of [nngp, ntk])
        for (let i = 0; i < rows; i++) for (let j = 0; j < i; j++) K[j * rows + i] = K[i * rows + j];
    }
    return { nngp: { rows, columns, values: nngp }, ntk: { rows, columns, values: ntk } };
  }

  return {
    depth,
    both,
    nngp: async (X, Y, options) => (await both(X, Y, options)).nngp,
    ntk: async (X, Y, options) => (await both(X, Y, options)).ntk,
    async *rowBlocks(X, Y, options = {}) {
      checkOptions("rowBlocks", options, ["signal"]);
      const { signal } = options;
      const [left, right] = await sides(X, Y, signal);
      const columns = right.points.rows;
      const height = Math.max(1, Math.floor(PAIRS / columns));
      const pace = pacer();
      for (let firstRow = 0; firstRow < X.rows; firstRow += height) {
        signal?.throwIfAborted();
        const end = Math.min(X.rows, firstRow + height);
        const { sigma, theta } = await block(layers, left, right, [firstRow, end], () => columns, signal);
        const rows = end - firstRow;
        yield { firstRow, nngp: { rows, columns, values: sigma }, ntk: { rows, columns, values: theta } };
        const turn = pace();
        if (turn) await turn;
      }
    },
    async diagonal(X) {
      checkFiniteDense("X", X);
      const { nngp, ntk } = await diagonals(layers, "X", X);
      return { nngp, ntk };
    },
    dispose: async () => layers.dual.dispose?.(),
  };
}
