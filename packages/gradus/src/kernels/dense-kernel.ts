import { networkKernelRows, type ResidentMatrix, residentMatrix, rowProducts } from "@gradus/blas/kernels";
import { areFinite, checkLength } from "../check/arrays.ts";
import { ArgumentError, ConvergenceError } from "../check/errors.ts";
import { checkNonNegative, checkPositive, checkPositiveInteger } from "../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../check/options.ts";
import { pacer } from "../iterate/iterate.ts";
import { mirrorLower } from "../linalg/lower-products.ts";
import { checkDense, checkFiniteDense, type DenseMatrix } from "../linalg/matrix.ts";
import { dualActivationOf, type KernelActivation } from "./activation.ts";
import { isCompiled } from "./closed-form-duals.ts";
import type { DualActivation } from "./dual-activation.ts";
import { squaredNorms } from "./squared-norms.ts";

/** A network of dense layers, z = weightStd W a / sqrt(width) + biasStd b, in the limit of infinite width. */
export interface DenseKernelOptions {
  /** Number of weight layers: one more than hidden layers. */
  readonly depth: number;
  /** The activation after each layer except the last. */
  readonly activation?: KernelActivation;
  /** One value for all layers, or one per layer from the input to the output. */
  readonly weightStd?: number | readonly number[];
  readonly biasStd?: number | readonly number[];
  /**
   * Relative tolerance of the expectations of an activation without a closed form. Grids are refined until they reach
   * it at the variances of each call; otherwise the call throws.
   */
  readonly quadratureTolerance?: number;
  /** Most nodes along each of the two axes, at least 64. */
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

/** Cancellation and progress of a long evaluation. */
export interface KernelEvaluationOptions {
  readonly signal?: AbortSignal;
  /** Called with the fraction of rows done. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * The kernels of an infinitely wide network between the rows of X and of Y. Without `Y`, X against itself: symmetric,
 * with an exact diagonal.
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
  /** Frees the programs of an activation given as a function; those of a named one are compiled once and stay. */
  dispose(): Promise<void>;
}

/** Entries per block of rows, unless that gives too few rows to be worth a pass over all of Y. */
const PAIRS = 2 ** 13;
const ROWS = 64;
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

/** The quantities that all pairs share. */
interface Layers {
  readonly dual: DualActivation;
  readonly weightVariance: readonly number[];
  readonly biasVariance: readonly number[];
}

/** The error for numbers beyond float64's range, such as products of variances above 1e154. */
function outOfRange(left: string, right: string, value: number): ConvergenceError {
  return new ConvergenceError(
    `the kernel of ${left} and ${right} must be finite, got ${value}: their squares overflow float64; scale the rows down`,
  );
}

/**
 * Checks what a dual activation wrote for units of the given variances.
 *
 * @throws ArgumentError when E f(u)^2 or E f'(u)^2 of a finite variance is unwritten, negative or not a number
 */
function checkSquares(
  { name }: DualActivation,
  variances: Float64Array,
  squares: Float64Array,
  what: string,
): void {
  const i = squares.findIndex((square, k) => !(square >= 0) && Number.isFinite(variances[k]));
  if (i >= 0)
    throw new ArgumentError(
      `activation "${name}" must write ${what} >= 0 for every pair of equal units in evaluate, before it returns; got ${squares[i]} at the variance ${variances[i]}`,
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
    const [covariance, derivative] = [1, 2].map(() => new Float64Array(n).fill(Number.NaN));
    const pending = dual.evaluate({ k11: sigma, k12: sigma, k22: sigma, covariance, derivative }, signal);
    if (pending) await pending;
    checkSquares(dual, sigma, covariance, "covariance");
    checkSquares(dual, sigma, derivative, "derivative");
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
  readonly points: ResidentMatrix;
  readonly layers: readonly Float64Array[];
}

/** Rows first .. end - 1 of X against all of Y or, for row i, its first i rows. */
interface Block {
  readonly first: number;
  readonly end: number;
  readonly below: boolean;
}

/** Both kernels of a block, rows x rows of Y. */
interface BlockKernels {
  readonly nngp: Float64Array;
  readonly ntk: Float64Array;
}

/** Fills a block of both kernels with a dual that is evaluated pair by pair, row after row. */
async function evaluateBlock(
  { dual, weightVariance, biasVariance }: Layers,
  X: Side,
  Y: Side,
  { first, end, below }: Block,
  { nngp, ntk }: BlockKernels,
  signal?: AbortSignal,
): Promise<void> {
  const { rows: columns, columns: d } = Y.points;
  const width = (i: number) => (below ? i : columns);
  let size = 0;
  for (let i = first; i < end; i++) size += width(i);
  const k11 = new Float64Array(size);
  const k22 = new Float64Array(size);
  const derivative = new Float64Array(size);
  let sigma = new Float64Array(size);
  let covariance = new Float64Array(size);
  const { values } = rowProducts({ x: X.points, y: Y.points, first, rows: end - first });
  for (let i = first, at = 0; i < end; at += width(i), i++)
    sigma.set(values.subarray((i - first) * columns, (i - first) * columns + width(i)), at);
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
  for (let i = first, at = 0; i < end; at += width(i), i++) {
    nngp.set(sigma.subarray(at, at + width(i)), (i - first) * columns);
    ntk.set(theta.subarray(at, at + width(i)), (i - first) * columns);
  }
}

/** Fills a block of both kernels. */
async function fillBlock(
  layers: Layers,
  X: Side,
  Y: Side,
  block: Block,
  kernels: BlockKernels,
  signal?: AbortSignal,
): Promise<void> {
  const { dual, weightVariance, biasVariance } = layers;
  const { first, end, below } = block;
  if (isCompiled(dual))
    networkKernelRows({
      unit: dual.unit,
      x: X.points,
      y: Y.points,
      first,
      rows: end - first,
      below,
      weightVariances: weightVariance,
      biasVariances: biasVariance,
      xVariances: X.layers.slice(0, -1),
      yVariances: Y.layers.slice(0, -1),
      covariance: kernels.nngp,
      tangent: kernels.ntk,
    });
  else await evaluateBlock(layers, X, Y, block, kernels, signal);
  if (areFinite(kernels.ntk)) return;
  const { rows: columns } = Y.points;
  for (let i = first; i < end; i++) {
    const start = (i - first) * columns;
    for (let j = 0; j < (below ? i : columns); j++) {
      const value = kernels.ntk[start + j];
      if (!Number.isFinite(value)) throw outOfRange(`${X.name}[${i}]`, `${Y.name}[${j}]`, value);
    }
  }
}

/** The end of the block of rows that starts at `first`, for rows of the given numbers of entries. */
function blockEnd(first: number, rows: number, width: (row: number) => number): number {
  let end = first + 1;
  for (let size = width(first); end < rows; end++) {
    size += width(end);
    if (size > PAIRS && end - first >= ROWS) break;
  }
  return end;
}

/**
 * The kernels of a fully connected network with infinitely wide hidden layers in the NTK parametrization: the
 * covariance Sigma of its outputs at initialization, and its tangent kernel Theta, which is constant during training:
 *
 *     Sigma^(1)(x, x') = w^2 x.x' / d + b^2,          Theta^(1) = Sigma^(1)
 *     Sigma^(l+1) = w^2 E[f(u) f(v)] + b^2,           Theta^(l+1) = w^2 Theta^(l) E[f'(u) f'(v)] + Sigma^(l+1)
 *
 * with (u, v) Gaussian with covariance Sigma^(l), w = weightStd and b = biasStd. For several outputs, the full kernels
 * are these times the identity. A row of zeros gives zeros if b = 0. An activation without a closed form is integrated
 * by adaptive quadrature at the variances of each pair, to 1e-8 by default.
 * Source: Jacot, Gabriel & Hongler 2018, "Neural tangent kernel", proposition 1 and theorem 1 (w = 1, b = 0.1).
 *
 * @throws ArgumentError unless depth is a positive integer, weightStd > 0 and biasStd >= 0, or for unknown options;
 *   when evaluated, for sizes that do not match or matrices above 2 GiB
 * @throws DataError, when evaluated, for numbers that are not finite or rows whose squared norm overflows
 * @throws ConvergenceError, when evaluated, if quadrature misses its tolerance or an entry leaves float64's range
 */
export function denseKernel(options: DenseKernelOptions): DenseKernel {
  checkGivenOptions("denseKernel", options, [
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

  /** Checks the points and computes the kernels of each point with itself. */
  async function variances(X: DenseMatrix, Y: DenseMatrix | undefined, signal: AbortSignal | undefined) {
    checkFiniteDense("X", X);
    if (Y) checkFiniteDense("Y", Y);
    if (Y && Y.columns !== X.columns)
      throw new ArgumentError(`Y must have as many columns as X, ${X.columns}, got ${Y.columns}`);
    const { layers: ofX, ntk } = await diagonals(layers, "X", X, signal);
    return { ofX, ntk, ofY: Y ? (await diagonals(layers, "Y", Y, signal)).layers : ofX };
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
      throw new ArgumentError(`the kernel matrix must fit in 2 GiB, got ${rows} x ${columns}: use rowBlocks`);
    const { ofX, ofY, ntk: diagonal } = await variances(X, Y, signal);
    using x = residentMatrix(X);
    using y = Y && residentMatrix(Y);
    const left = { name: "X", points: x, layers: ofX };
    const right = y ? { name: "Y", points: y, layers: ofY } : left;
    const nngp = new Float64Array(rows * columns);
    const ntk = new Float64Array(rows * columns);
    const below = Y === undefined;
    const pace = pacer();
    for (let first = 0; first < rows; ) {
      signal?.throwIfAborted();
      const end = blockEnd(first, rows, (row) => (below ? row : columns));
      const part = (K: Float64Array) => K.subarray(first * columns, end * columns);
      const kernels = { nngp: part(nngp), ntk: part(ntk) };
      await fillBlock(layers, left, right, { first, end, below }, kernels, signal);
      first = end;
      onProgress?.(first / rows);
      const turn = pace();
      if (turn) await turn;
    }
    if (!Y) {
      for (let i = 0; i < rows; i++) {
        nngp[i * rows + i] = ofX[depth - 1][i];
        ntk[i * rows + i] = diagonal[i];
      }
      mirrorLower(nngp, rows);
      mirrorLower(ntk, rows);
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
      const { ofX, ofY } = await variances(X, Y, signal);
      using x = residentMatrix(X);
      using y = Y && residentMatrix(Y);
      const left = { name: "X", points: x, layers: ofX };
      const right = y ? { name: "Y", points: y, layers: ofY } : left;
      const columns = right.points.rows;
      const pace = pacer();
      for (let firstRow = 0; firstRow < X.rows; ) {
        signal?.throwIfAborted();
        const end = blockEnd(firstRow, X.rows, () => columns);
        const rows = end - firstRow;
        const values = () => new Float64Array(rows * columns);
        const kernels = { nngp: values(), ntk: values() };
        await fillBlock(layers, left, right, { first: firstRow, end, below: false }, kernels, signal);
        yield {
          firstRow,
          nngp: { rows, columns, values: kernels.nngp },
          ntk: { rows, columns, values: kernels.ntk },
        };
        firstRow = end;
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
