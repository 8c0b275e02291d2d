import { gemm } from "@gradus/blas/dense";
import { checkFiniteVector, checkLength, zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import {
  checkIntegerWithin,
  checkNonNegativeInteger,
  checkPositive,
  checkPositiveInteger,
} from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { type RidgeActivationName, ridgeActivation } from "./activations.ts";

/** Frozen hidden units  phi_i(x) = sigma(a_i . x - b_i),  plain data. */
export interface HiddenUnits {
  /** n x m; row i is a_i. */
  readonly slopes: DenseMatrix;
  /** The n numbers b_i, subtracted. */
  readonly biases: Float64Array;
  readonly activation: RidgeActivationName;
}

/** V = [-slope, slope]^m x [-bias, bias]. */
export interface ParameterBox {
  /** Largest |a_ij|, the bandwidth. */
  readonly slope: number;
  /** Largest |b_i|; `slope` unless given. */
  readonly bias?: number;
}

export interface RandomUnitsOptions extends ParameterBox {
  /** m, the columns of the inputs. */
  readonly inputs: number;
  /** n, the number of units. */
  readonly width: number;
  readonly activation?: RidgeActivationName;
  /** `uniform` on the box, or `normal` with its standard deviations slope/sqrt(3) and bias/sqrt(3), unbounded. */
  readonly distribution?: "uniform" | "normal";
  readonly seed?: number;
}

/** The box's half-widths, checked. */
export function checkBox({ slope, bias = slope }: ParameterBox): Required<ParameterBox> {
  checkPositive({ slope, bias });
  return { slope, bias };
}

/**
 * Hidden units with random parameters from a bounded domain, or from the normal distribution with its variances. The
 * first k of n units are those that width k gives: networks of one seed are nested.
 *
 * @throws ArgumentError when a size is not a positive integer, a half-width is not positive, or an option is unknown
 */
export function randomUnits(options: RandomUnitsOptions): HiddenUnits {
  checkGivenOptions("randomUnits", options, [
    "inputs",
    "width",
    "slope",
    "bias",
    "activation",
    "distribution",
    "seed",
  ]);
  const { inputs, width, activation = "sigmoid", distribution = "uniform", seed = 0 } = options;
  checkPositiveInteger({ inputs, width });
  const { slope, bias } = checkBox(options);
  checkOneOf(["uniform", "normal"], { distribution });
  checkNonNegativeInteger({ seed });
  ridgeActivation(activation);
  const slopes = zerosOf({ width, inputs });
  const biases = new Float64Array(width);
  const stream = randomStream(seed);
  const draw =
    distribution === "uniform"
      ? (size: number) => size * (2 * stream.uniform() - 1)
      : (size: number) => (size / Math.sqrt(3)) * stream.normal();
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < inputs; j++) slopes[i * inputs + j] = draw(slope);
    biases[i] = draw(bias);
  }
  return { slopes: { rows: width, columns: inputs, values: slopes }, biases, activation };
}

/**
 * @throws ArgumentError when a field of the units does not fit
 * @throws DataError naming the place of a number that is not finite
 */
export function checkUnits(units: HiddenUnits): void {
  checkGivenOptions("the hidden units", units, ["slopes", "biases", "activation"]);
  checkFiniteDense("units.slopes", units.slopes);
  checkLength("units.biases", units.biases, units.slopes.rows);
  checkFiniteVector("units.biases", units.biases);
  ridgeActivation(units.activation);
}

/**
 * The first `count` units: nested networks of one draw.
 *
 * @throws ArgumentError unless count is an integer from 1 to the number of units
 */
export function firstUnits({ slopes, biases, activation }: HiddenUnits, count: number): HiddenUnits {
  checkIntegerWithin(1, slopes.rows, { count });
  const values = slopes.values.subarray(0, count * slopes.columns);
  return { slopes: { ...slopes, rows: count, values }, biases: biases.subarray(0, count), activation };
}

/** H_ji = sigma(a_i . x_j - b_i) of arguments that were checked. */
export function featuresOf({ slopes, biases, activation }: HiddenUnits, x: DenseMatrix): DenseMatrix {
  const { value } = ridgeActivation(activation);
  const H = gemm({ a: x, b: slopes, transposeB: true });
  const { values, columns: n } = H;
  for (let j = 0, k = 0; j < x.rows; j++)
    for (let i = 0; i < n; i++, k++) values[k] = value(values[k] - biases[i]);
  return { rows: x.rows, columns: n, values };
}

/**
 * The features of inputs:  H_ji = sigma(a_i . x_j - b_i),  N x n.
 *
 * @param x N x m
 * @throws ArgumentError when the units do not fit each other or the inputs
 * @throws DataError naming row and column of a number that is not finite
 */
export function unitFeatures(units: HiddenUnits, x: DenseMatrix): DenseMatrix {
  checkUnits(units);
  checkInputs(units, x);
  return featuresOf(units, x);
}

/** @throws ArgumentError, DataError when x is not finite or has another number of columns than the units take */
export function checkInputs({ slopes }: HiddenUnits, x: DenseMatrix): void {
  checkFiniteDense("x", x);
  if (x.columns !== slopes.columns)
    throw new ArgumentError(
      `x must have ${slopes.columns} columns, as many as the units have inputs, got ${x.columns}`,
    );
}
