import { ArgumentError } from "../check/errors.ts";
import { pacer } from "../iterate/iterate.ts";
import { dualActivationOf, type KernelActivation } from "./activation.ts";
import type { DualActivation } from "./dual-activation.ts";
import { innerProducts, squaredNorms } from "./inner-products.ts";
import { checkRows, type Rows } from "./rows.ts";

/** A network of dense layers, z = weightStd W a / sqrt(width) + biasStd b, as its widths go to infinity. */
export interface DenseKernelOptions {
  /** Layers of weights: one more than hidden layers. */
  readonly depth: number;
  /** Behind each layer but the last. */
  readonly activation?: KernelActivation;
  /** One for all layers, or one a layer from the input to the output. */
  readonly weightStd?: number | readonly number[];
  readonly biasStd?: number | readonly number[];
  /** Nodes of the quadrature, where the activation has no closed form. */
  readonly quadratureNodes?: number;
}

/** Entries of both kernels for some rows of X and all of Y. */
export interface KernelBlock {
  readonly firstRow: number;
  readonly rows: number;
  readonly columns: number;
  /** The covariance Sigma of the networks' outputs at initialization, rows x columns, row-major. */
  readonly nngp: Float64Array;
  /** The neural tangent kernel Theta. */
  readonly ntk: Float64Array;
}

/** Both kernels, and what to know of their accuracy. */
export interface KernelMatrices {
  /** Rows of X. */
  readonly rows: number;
  /** Rows of Y, or of X. */
  readonly columns: number;
  readonly nngp: Float64Array;
  readonly ntk: Float64Array;
  readonly warnings: readonly string[];
}

/** What a long evaluation listens to, and whom it tells how far it is. */
export interface KernelEvaluationOptions {
  readonly signal?: AbortSignal;
  /** Called with the share of rows done. */
  readonly onProgress?: (fraction: number) => void;
}

/** The kernels of an infinitely wide network. `Y` left out: X against itself, symmetric, with an exact diagonal. */
export interface DenseKernel {
  readonly depth: number;
  /** The networks' covariance Sigma^(L), rows x columns, row-major. */
  nngp(X: Rows, Y?: Rows, options?: KernelEvaluationOptions): Promise<Float64Array>;
  /** The tangent kernel Theta^(L). */
  ntk(X: Rows, Y?: Rows, options?: KernelEvaluationOptions): Promise<Float64Array>;
  both(X: Rows, Y?: Rows, options?: KernelEvaluationOptions): Promise<KernelMatrices>;
  /** Both kernels block by block, in memory that does not grow with the number of rows of X. */
  rowBlocks(
    X: Rows,
    Y?: Rows,
    options?: { readonly signal?: AbortSignal },
  ): AsyncGenerator<KernelBlock, void, void>;
  /** Sigma^(L)(x, x) and Theta^(L)(x, x) of each row. */
  diagonal(X: Rows): Promise<{ readonly nngp: Float64Array; readonly ntk: Float64Array }>;
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
  const values = typeof value === "number" ? new Array<number>(depth).fill(value) : value;
  if (values.length !== depth)
    throw new ArgumentError(
      `${name} must be a number or ${depth} numbers, one a layer, got ${values.length}`,
    );
  for (const v of values)
    if (!(positive ? v > 0 : v >= 0) || v === Number.POSITIVE_INFINITY)
      throw new ArgumentError(`${name} must be finite and ${positive ? "> 0" : ">= 0"}, got ${v}`);
  return values;
}

/** What stays the same for all pairs. */
interface Layers {
  readonly dual: DualActivation;
  readonly weightVariance: readonly number[];
  readonly biasVariance: readonly number[];
}

/** Sigma^(l)(x, x) of each row, layer by layer, and Theta^(L)(x, x). */
async function diagonals({ dual, weightVariance, biasVariance }: Layers, rows: Rows) {
  const { n, d } = rows;
  let sigma = squaredNorms(rows).map((square) => (weightVariance[0] * square) / d + biasVariance[0]);
  const theta = sigma.slice();
  const layers = [sigma];
  for (let l = 1; l < weightVariance.length; l++) {
    const [covariance, derivative] = [new Float64Array(n), new Float64Array(n)];
    const pending = dual.evaluate({ k11: sigma, k12: sigma, k22: sigma, covariance, derivative });
    if (pending) await pending;
    sigma = covariance.map((value) => weightVariance[l] * value + biasVariance[l]);
    for (let i = 0; i < n; i++) theta[i] = weightVariance[l] * theta[i] * derivative[i] + sigma[i];
    layers.push(sigma);
  }
  return { layers, nngp: sigma, ntk: theta };
}

interface Side {
  readonly rows: Rows;
  readonly layers: readonly Float64Array[];
}

/** Both kernels for rows first .. end - 1 of X and, of each row i, the first widths(i) rows of Y, one after another. */
async function block(
  { dual, weightVariance, biasVariance }: Layers,
  X: Side,
  Y: Side,
  [first, end]: readonly [number, number],
  width: (row: number) => number,
): Promise<{ sigma: Float64Array; theta: Float64Array }> {
  const widths = Array.from({ length: end - first }, (_, i) => width(first + i));
  const size = widths.reduce((sum, w) => sum + w, 0);
  const k11 = new Float64Array(size);
  const k22 = new Float64Array(size);
  const derivative = new Float64Array(size);
  let sigma = new Float64Array(size);
  let covariance = new Float64Array(size);
  innerProducts(X.rows, first, widths, Y.rows, sigma);
  const { d } = X.rows;
  for (let p = 0; p < size; p++) sigma[p] = (weightVariance[0] * sigma[p]) / d + biasVariance[0];
  const theta = sigma.slice();
  for (let l = 1; l < weightVariance.length; l++) {
    for (let i = first, at = 0; i < end; at += width(i), i++) {
      k11.fill(X.layers[l - 1][i], at, at + width(i));
      k22.set(Y.layers[l - 1].subarray(0, width(i)), at);
    }
    const pending = dual.evaluate({ k11, k12: sigma, k22, covariance, derivative });
    if (pending) await pending;
    const [w, b] = [weightVariance[l], biasVariance[l]];
    for (let p = 0; p < size; p++) {
      covariance[p] = w * covariance[p] + b;
      theta[p] = w * theta[p] * derivative[p] + covariance[p];
    }
    [sigma, covariance] = [covariance, sigma];
  }
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
 * @throws ArgumentError unless depth is an integer >= 1, weightStd > 0 and biasStd >= 0; when evaluated, for sizes that
 *   do not fit or matrices above 2 GiB
 * @throws DataError, when evaluated, for numbers that are not finite
 */
export function denseKernel({
  depth,
  activation = "relu",
  weightStd = 1,
  biasStd = 0.1,
  quadratureNodes,
}: DenseKernelOptions): DenseKernel {
  if (!Number.isInteger(depth) || depth < 1)
    throw new ArgumentError(`depth must be an integer >= 1, got ${depth}`);
  const layers: Layers = {
    dual: dualActivationOf(activation, { nodes: quadratureNodes }),
    weightVariance: perLayer("weightStd", weightStd, depth, true).map((w) => w * w),
    biasVariance: perLayer("biasStd", biasStd, depth, false).map((b) => b * b),
  };

  let warnings: Promise<readonly string[]> | undefined;
  const accuracy = () => {
    warnings ??= (async () => {
      const warning = depth > 1 ? await layers.dual.warning?.() : undefined;
      return warning === undefined ? [] : [warning];
    })();
    return warnings;
  };

  async function sides(X: Rows, Y: Rows | undefined): Promise<readonly [Side, Side, Float64Array]> {
    checkRows("X", X);
    const { layers: ofX, ntk } = await diagonals(layers, X);
    const left = { rows: X, layers: ofX };
    if (Y === undefined) return [left, left, ntk];
    checkRows("Y", Y);
    if (Y.d !== X.d) throw new ArgumentError(`Y must have as many columns as X, ${X.d}, got ${Y.d}`);
    return [left, { rows: Y, layers: (await diagonals(layers, Y)).layers }, ntk];
  }

  async function both(
    X: Rows,
    Y?: Rows,
    { signal, onProgress }: KernelEvaluationOptions = {},
  ): Promise<KernelMatrices> {
    const [rows, columns] = [X.n, Y?.n ?? X.n];
    if (rows * columns > MOST_ENTRIES)
      throw new ArgumentError(
        `X and Y must give matrices of at most 2 GiB, got ${rows} x ${columns}: take rowBlocks`,
      );
    const [left, right, diagonal] = await sides(X, Y);
    const nngp = new Float64Array(rows * columns);
    const ntk = new Float64Array(rows * columns);
    const width = Y ? () => columns : (row: number) => row;
    const pace = pacer();
    for (let first = 0; first < rows; ) {
      signal?.throwIfAborted();
      let end = first + 1;
      for (let size = width(first); end < rows && size + width(end) <= PAIRS; end++) size += width(end);
      const { sigma, theta } = await block(layers, left, right, [first, end], width);
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
    return { rows, columns, nngp, ntk, warnings: await accuracy() };
  }

  return {
    depth,
    both,
    nngp: async (X, Y, options) => (await both(X, Y, options)).nngp,
    ntk: async (X, Y, options) => (await both(X, Y, options)).ntk,
    async *rowBlocks(X, Y, { signal } = {}) {
      const [left, right] = await sides(X, Y);
      const columns = right.rows.n;
      const height = Math.max(1, Math.floor(PAIRS / columns));
      const pace = pacer();
      for (let firstRow = 0; firstRow < X.n; firstRow += height) {
        signal?.throwIfAborted();
        const end = Math.min(X.n, firstRow + height);
        const { sigma, theta } = await block(layers, left, right, [firstRow, end], () => columns);
        yield { firstRow, rows: end - firstRow, columns, nngp: sigma, ntk: theta };
        const turn = pace();
        if (turn) await turn;
      }
    },
    async diagonal(X) {
      checkRows("X", X);
      const { nngp, ntk } = await diagonals(layers, X);
      return { nngp, ntk };
    },
    dispose: async () => layers.dual.dispose?.(),
  };
}
