import { BlasArgumentError, kindOf } from "../errors.ts";
import { checkVector } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { addressForReading } from "../operand.ts";
import { checkOptions } from "../options.ts";
import { powerOfTwo } from "../power-of-two.ts";
import { kernels } from "./family.ts";
import { checkRows, multiplyRows, ROW_ARGUMENTS, type RowProductsArguments } from "./row-products.ts";
import { type Unit, unitCode } from "./unit.ts";

/** Arguments of `networkKernelRows`. */
export interface NetworkKernelArguments extends RowProductsArguments {
  readonly unit: Unit;
  /** w^2 of each layer of weights. */
  readonly weightVariances: readonly number[];
  /** b^2 of each layer of weights. */
  readonly biasVariances: readonly number[];
  /** Sigma^(l)(x, x) of each row of x, for each layer l but the last. */
  readonly xVariances: readonly Float64Array[];
  /** The same of the rows of y. */
  readonly yVariances: readonly Float64Array[];
  /** Of row i of x only the entries with rows 0 .. i - 1 of y are computed; the others are not touched. */
  readonly below?: boolean;
  /** Overwritten by Sigma: rows x rows of y; a new array unless given. */
  readonly covariance?: Float64Array;
  /** Overwritten by Theta: rows x rows of y; a new array unless given. */
  readonly tangent?: Float64Array;
}

const OPTIONS: readonly string[] = [
  ...ROW_ARGUMENTS,
  ...["unit", "weightVariances", "biasVariances", "xVariances", "yVariances"],
  ...["below", "covariance", "tangent"],
];

/** Some rows of both kernels, each as long as y has rows. */
export interface NetworkKernelRows {
  readonly covariance: Float64Array;
  readonly tangent: Float64Array;
}

/**
 * Rows of both kernels of an infinitely wide network of dense layers,
 *
 *     Sigma^(1) = w^2 <x, y> / d + b^2,              Theta^(1) = Sigma^(1)
 *     Sigma^(l+1) = w^2 E f(u) f(v) + b^2,           Theta^(l+1) = w^2 Theta^(l) E f'(u) f'(v) + Sigma^(l+1),
 *
 * with the duals of `dualActivation`: products of rows by blocks, then all layers of a piece of a row in cache.
 *
 * @throws BlasArgumentError when the sizes do not fit or the activation is unknown
 * @throws OutOfMemoryError
 */
export function networkKernelRows(options: NetworkKernelArguments): NetworkKernelRows {
  checkOptions(options, OPTIONS);
  const { unit, x, y, weightVariances, biasVariances, xVariances, yVariances, below = false } = options;
  const { activation, slope } = unitCode(unit);
  const { first, rows } = checkRows(options);
  const { rows: columns, columns: dimension } = y;
  const layers = weightVariances?.length;
  if (!(layers >= 0))
    throw new BlasArgumentError(
      `weightVariances must be an array of numbers, got ${kindOf(weightVariances)}`,
    );
  for (const [name, given, wanted] of [
    ["biasVariances", biasVariances, layers],
    ["xVariances", xVariances, layers - 1],
    ["yVariances", yVariances, layers - 1],
  ] as const)
    if (given?.length !== wanted)
      throw new BlasArgumentError(`${name} must have ${wanted} layers, got ${given?.length}`);
  for (const [l, variances] of xVariances.entries()) checkVector(`xVariances[${l}]`, variances, x.rows);
  for (const [l, variances] of yVariances.entries()) checkVector(`yVariances[${l}]`, variances, columns);
  const width = below ? Math.min(columns, Math.max(0, first + rows - 1)) : columns;
  const { covariance = new Float64Array(rows * columns), tangent = new Float64Array(rows * columns) } =
    options;
  checkVector("covariance", covariance, rows * columns);
  checkVector("tangent", tangent, rows * columns);
  withFrame(`kernels of ${rows} x ${columns} points`, (frame) => {
    const padded = 4 * Math.ceil(width / 4);
    const stride = 8 * padded;
    const [sigma, theta] = [frame.numbers(rows * padded), frame.numbers(rows * padded)];
    const scale = activation === 0 ? scaleOf([...xVariances, ...yVariances]) : 1;
    const weights = frame.copy(Float64Array.of(...weightVariances, ...biasVariances.map((b) => b / scale)));
    if (layers > 0) frame.heap.numbers[weights / 8] /= scale;
    const own = tableOf(frame, xVariances, rows, first, rows, scale);
    const others = tableOf(frame, yVariances, padded, 0, width, scale);
    const from = addressForReading(frame, x);
    const other = x === y ? from : addressForReading(frame, y);
    multiplyRows(frame, { from, other, first, rows, columns: width, dimension, below }, sigma, stride);
    const { networkRows, networkWorkspace } = kernels();
    const work = frame.bytes(networkWorkspace());
    const start = below ? first : -1;
    networkRows(
      ...([activation, slope, start, rows, width, dimension, layers, weights] as const),
      ...([own, others, sigma, theta, stride, work] as const),
    );
    const { numbers } = frame.heap;
    for (let i = 0; i < rows; i++) {
      const count = below ? Math.min(width, first + i) : width;
      for (const [address, to] of [
        [sigma, covariance],
        [theta, tangent],
      ] as const) {
        const at = (address + i * stride) / 8;
        to.set(numbers.subarray(at, at + count), i * columns);
        if (scale !== 1) for (let j = i * columns; j < i * columns + count; j++) to[j] *= scale;
      }
    }
  });
  return { covariance, tangent };
}

/** Between this and its reciprocal, products of two variances neither overflow nor lose digits. */
const SAFE = 1e-140;

/** A power of two that brings the largest variance near 1, where it is not safe; a rectifier's kernels are homogeneous. */
function scaleOf(variances: readonly Float64Array[]): number {
  let largest = 0;
  for (const values of variances)
    for (const value of values) if (value > largest && value < Number.POSITIVE_INFINITY) largest = value;
  return largest === 0 || (largest > SAFE && largest < 1 / SAFE) ? 1 : powerOfTwo(largest);
}

/** The address of a table of layers: of each `count` numbers from one on, over a scale, in rows of `width`. */
function tableOf(
  frame: Frame,
  layers: readonly Float64Array[],
  width: number,
  from: number,
  count: number,
  scale: number,
): number {
  const address = frame.numbers(width * layers.length);
  const { numbers } = frame.heap;
  for (const [l, values] of layers.entries())
    for (let i = 0; i < count; i++) numbers[address / 8 + l * width + i] = values[from + i] / scale;
  return address;
}
