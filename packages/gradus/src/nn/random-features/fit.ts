import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkWithin } from "../../check/numbers.ts";
import { checkBoolean, checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { matrixProduct } from "../../linalg/dense-product.ts";
import { singularValueDecomposition } from "../../linalg/factorize/singular-values.ts";
import { type RightSide, sideOf } from "../../linalg/factorize/triangular.ts";
import { shortestSolution, solveLeastSquares } from "../../linalg/least-squares.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { checkInputs, checkUnits, featuresOf, type HiddenUnits } from "./hidden-units.ts";

/** What stands beside the hidden units. */
export interface OutputLayer {
  /** Whether a constant is added: off unless given. It is short, and pulled by a ridge, as far as it is not the mean of y. */
  readonly outputBias?: boolean;
  /** Whether the inputs themselves are added, as in random vector functional-link networks: off unless given. */
  readonly directLinks?: boolean;
}

export interface FitRandomNetworkOptions<Y extends RightSide = RightSide> extends OutputLayer {
  /** N x m. */
  readonly x: DenseMatrix;
  /** N numbers, or an N x k matrix, whose columns share the factorization. */
  readonly y: Y;
  readonly units: HiddenUnits;
  /**
   * `svd` drops singular values; `qr` stops column pivoting at the rank, several times faster, and gives no singular
   * values.
   */
  readonly solver?: "svd" | "qr";
  /**
   * What features and output weights are rounded to; "f64" unless given. The sums are in float64 either way, but rounded
   * features have fewer numerical directions: `rank` is that of the type.
   */
  readonly dtype?: "f32" | "f64";
  /**
   * Singular values (pivots) of at most this share of the largest count as 0; max(N, columns) times the distance from 1
   * to the next number of the type unless given.
   */
  readonly relativeCutoff?: number;
  /** alpha >= 0 of  (1/N) |H c - y|^2 + alpha |c|^2. */
  readonly ridge?: number;
}

/** A network with a fitted output layer. */
export interface RandomNetwork<Y extends RightSide = RightSide> extends OutputLayer {
  readonly dtype: "f32" | "f64";
  readonly units: HiddenUnits;
  /** (n + inputs where linked + 1 where biased) x k. */
  readonly coefficients: DenseMatrix;
  /** Numerical rank of the features in their type: what the cutoff leaves. */
  readonly rank: number;
  /** Of the features, descending; undefined with `qr`. */
  readonly singularValues: Float64Array | undefined;
  /** Sum and root of squares of the output weights, over all outputs. */
  readonly l1: number;
  readonly l2: number;
  /** Root mean square of the residuals, over rows and outputs. */
  readonly trainRmse: number;
  /** The outputs for rows of inputs, in the form of y. */
  predict(x: DenseMatrix): Y;
}

const fitOptions = [
  "x",
  "y",
  "units",
  "solver",
  "dtype",
  "relativeCutoff",
  "ridge",
  "outputBias",
  "directLinks",
] as const;

/** The distance from 1 to the next number. */
const EPSILON = { f32: 2 ** -23, f64: Number.EPSILON } as const;

/** The values, rounded in place. */
function rounded(values: Float64Array, dtype: "f32" | "f64"): Float64Array {
  if (dtype === "f32") values.set(Float32Array.from(values));
  return values;
}

/** What the output layer adds, and in which type. */
interface Design extends OutputLayer {
  readonly dtype: "f32" | "f64";
}

/** The columns of the least-squares problem: features, then inputs, then ones. */
function designOf(units: HiddenUnits, x: DenseMatrix, { dtype, ...layer }: Design): DenseMatrix {
  const H = featuresOf(units, x);
  const links = layer.directLinks ? x.columns : 0;
  const columns = H.columns + links + (layer.outputBias ? 1 : 0);
  if (columns === H.columns) return { ...H, values: rounded(H.values, dtype) };
  const values = new Float64Array(H.rows * columns).fill(1);
  for (let j = 0; j < H.rows; j++) {
    values.set(H.values.subarray(j * H.columns, (j + 1) * H.columns), j * columns);
    if (links > 0) values.set(x.values.subarray(j * links, (j + 1) * links), j * columns + H.columns);
  }
  return { rows: H.rows, columns, values: rounded(values, dtype) };
}

function columnMeans({ rows, columns, values }: DenseMatrix): Float64Array<ArrayBuffer> {
  const means = new Float64Array(columns);
  for (let k = 0; k < values.length; k++) means[k % columns] += values[k] / rows;
  return means;
}

/** Checks data and units, and gives the design matrix, the right-hand sides without their means, and the cutoff. */
function checkedDesign(options: Omit<FitRandomNetworkOptions, "solver" | "ridge">) {
  const { x, y, units, outputBias = false, directLinks = false, dtype = "f64" } = options;
  checkBoolean({ outputBias, directLinks });
  checkOneOf(["f32", "f64"], { dtype });
  checkUnits(units);
  checkInputs(units, x);
  const rows = y instanceof Float64Array ? y.length : y.rows;
  if (rows !== x.rows) throw new ArgumentError(`x and y must have as many rows, got ${x.rows} and ${rows}`);
  const { columns: sides, values } = sideOf(y, x.rows);
  checkFiniteDense("y", { rows, columns: sides, values });
  // The shortest solution would share a mean far from 0 among dependent features, and be wrong away from the rows.
  const means = outputBias ? columnMeans({ rows, columns: sides, values }) : new Float64Array(sides);
  const layer = { outputBias, directLinks, dtype };
  const H = designOf(units, x, layer);
  const { relativeCutoff = Math.max(H.rows, H.columns) * EPSILON[dtype] } = options;
  checkWithin("(0, 1)", { relativeCutoff });
  return {
    layer,
    H,
    sides,
    values,
    means,
    b: values.map((value, k) => value - means[k % sides]),
    relativeCutoff,
  };
}

/** H c, and its figures. */
function networkOf(
  {
    units,
    y,
    layer,
    H,
    values: b,
    means,
    sides,
  }: ReturnType<typeof checkedDesign> & Pick<FitRandomNetworkOptions, "units" | "y">,
  solution: Float64Array,
  solved: Pick<RandomNetwork, "rank" | "singularValues">,
): RandomNetwork {
  if (layer.outputBias) for (let k = 0; k < sides; k++) solution[solution.length - sides + k] += means[k];
  const c = rounded(solution, layer.dtype);
  const coefficients = { rows: H.columns, columns: sides, values: c };
  const outputs = matrixProduct(H.values, c, H.columns);
  let [squares, l1, l2] = [0, 0, 0];
  for (let k = 0; k < b.length; k++) squares += (outputs[k] - b[k]) ** 2;
  for (const weight of c) {
    l1 += Math.abs(weight);
    l2 += weight * weight;
  }
  return {
    ...layer,
    units,
    coefficients,
    ...solved,
    l1,
    l2: Math.sqrt(l2),
    trainRmse: Math.sqrt(squares / b.length),
    predict(x) {
      checkInputs(units, x);
      const values = matrixProduct(designOf(units, x, layer).values, c, H.columns);
      return y instanceof Float64Array ? values : { rows: x.rows, columns: sides, values };
    },
  };
}

/**
 * Fits the output layer of a network whose hidden units are frozen, by the shortest solution of least squares:
 *
 *     min over c   (1/N) |H c - y|^2 + ridge |c|^2,    H_ji = sigma(a_i . x_j - b_i).
 *
 * Features of a small domain are numerically dependent: that is no error, `rank` says how many directions are left. The
 * normal equations are never formed, because what matters stands in the smallest singular values.
 *
 * @throws ArgumentError when shapes do not fit or an option is unknown or out of its bounds
 * @throws DataError naming row and column of a number that is not finite
 * Source: Li, Sonoda, Cao, Wang & Liang 2023, "How Powerful are Shallow Neural Networks with Bandlimited Random
 * Weights?".
 */
export function fitRandomNetwork<Y extends RightSide>(options: FitRandomNetworkOptions<Y>): RandomNetwork<Y>;
export function fitRandomNetwork(options: FitRandomNetworkOptions): RandomNetwork {
  checkGivenOptions("fitRandomNetwork", options, fitOptions);
  const { units, y, solver = "svd", ridge = 0 } = options;
  checkOneOf(["svd", "qr"], { solver });
  checkNonNegative({ ridge });
  const design = checkedDesign(options);
  const { H, b, sides, relativeCutoff } = design;
  const settings = { ridge: ridge * H.rows, relativeCutoff };
  if (solver === "qr") {
    const { x, rank } = solveLeastSquares(H, { rows: H.rows, columns: sides, values: b }, settings);
    return networkOf({ ...design, units, y }, x.values, { rank, singularValues: undefined });
  }
  const decomposition = singularValueDecomposition(H);
  const { x, rank } = shortestSolution(decomposition, { b, sides }, settings);
  return networkOf({ ...design, units, y }, x, { rank, singularValues: decomposition.s });
}

/**
 * The networks of several ridges from one decomposition, in their order: c(alpha) = sum_j s_j / (s_j^2 + N alpha)
 * (u_j^T y) v_j.
 *
 * @param ridges numbers alpha >= 0
 * @throws ArgumentError, DataError as `fitRandomNetwork`
 */
export function randomNetworkPath<Y extends RightSide>(
  options: Omit<FitRandomNetworkOptions<Y>, "ridge" | "solver">,
  ridges: readonly number[],
): RandomNetwork<Y>[];
export function randomNetworkPath(
  options: Omit<FitRandomNetworkOptions, "ridge" | "solver">,
  ridges: readonly number[],
): RandomNetwork[] {
  checkGivenOptions(
    "randomNetworkPath",
    options,
    fitOptions.filter((name) => !/solver|ridge/.test(name)),
  );
  for (const [k, ridge] of ridges.entries()) checkNonNegative({ [`ridges[${k}]`]: ridge });
  const { units, y } = options;
  const design = checkedDesign(options);
  const { H, b, sides, relativeCutoff } = design;
  const decomposition = singularValueDecomposition(H);
  return ridges.map((ridge) => {
    const settings = { ridge: ridge * H.rows, relativeCutoff };
    const { x, rank } = shortestSolution(decomposition, { b, sides }, settings);
    return networkOf({ ...design, units, y }, x, { rank, singularValues: decomposition.s });
  });
}
