import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkFiniteDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { type RidgeActivationName, ridgeActivation } from "./activations.ts";
import type { Ridgelet } from "./ridgelets.ts";

/** A function of one variable by its values on an increasing grid; taken as 0 outside. */
export interface SampledFunction {
  readonly x: Float64Array;
  readonly values: Float64Array;
}

/** A sampled function with the weights of the trapezoidal rule. */
export interface WeightedSamples extends SampledFunction {
  /** f(x_j) times its weight. */
  readonly weighted: Float64Array;
}

/**
 * Checks a sampled function and weighs its values.
 *
 * @throws ArgumentError when there are fewer than two points or as many values are missing
 * @throws DataError when a number is not finite or x does not increase
 */
export function checkSamples({ x, values }: SampledFunction): WeightedSamples {
  if (!(x instanceof Float64Array) || x.length < 2)
    throw new ArgumentError(`f.x must be a Float64Array of at least two numbers, got ${shown(x)}`);
  checkLength("f.values", values, x.length);
  checkFiniteVector("f.x", x);
  checkFiniteVector("f.values", values);
  for (let j = 1; j < x.length; j++)
    if (!(x[j] > x[j - 1]))
      throw new DataError(`f.x must increase, got ${x[j]} after ${x[j - 1]} at index ${j}`);
  const last = x.length - 1;
  const weighted = values.map((value, j) => (value * (x[Math.min(j + 1, last)] - x[Math.max(j - 1, 0)])) / 2);
  return { x, values, weighted };
}

/** The first index whose x is at least so large. */
function firstFrom(x: Float64Array, least: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The indices of an increasing x, `from` to before `to`, where |a x - b| is at most `support`. */
export function window(x: Float64Array, a: number, b: number, support: number): [from: number, to: number] {
  if (a === 0) return Math.abs(b) <= support ? [0, x.length] : [0, 0];
  const [one, other] = [(b - support) / a, (b + support) / a];
  return [firstFrom(x, Math.min(one, other)), firstFrom(x, Math.max(one, other))];
}

/** R[f; rho](a, b) of checked samples. */
export function coefficientAt(
  { x, weighted }: WeightedSamples,
  { value, support }: Ridgelet,
  a: number,
  b: number,
): number {
  const [from, to] = window(x, a, b, support);
  let sum = 0;
  for (let j = from; j < to; j++) sum += weighted[j] * value(a * x[j] - b);
  return sum;
}

/**
 * The ridgelet transform of a function of one variable,
 *
 *     R[f; rho](a, b) = int f(x) rho(a x - b) dx,
 *
 * by the trapezoidal rule on the samples: spectrally accurate where f is smooth and decays, and limited to slopes of
 * about 1 over the spacing.
 *
 * @returns a row for each slope a, a column for each bias b
 * @throws ArgumentError, DataError when x does not increase or a number is not finite
 * Source: Candes 1998, "Ridgelets: theory and applications"; Murata 1996.
 */
export function ridgeletTransform(
  f: SampledFunction,
  ridgelet: Ridgelet,
  at: { readonly slopes: ArrayLike<number>; readonly biases: ArrayLike<number> },
): DenseMatrix {
  const samples = checkSamples(f);
  checkGivenOptions("ridgeletTransform", at, ["slopes", "biases"]);
  const { slopes, biases } = at;
  checkFiniteVector("slopes", slopes);
  checkFiniteVector("biases", biases);
  const values = new Float64Array(slopes.length * biases.length);
  for (let i = 0, k = 0; i < slopes.length; i++)
    for (let j = 0; j < biases.length; j++, k++)
      values[k] = coefficientAt(samples, ridgelet, slopes[i], biases[j]);
  return { rows: slopes.length, columns: biases.length, values };
}

/** Values at random points of a region. */
export interface RandomSamples {
  /** N x m, uniform in a region outside which the function is 0. */
  readonly points: DenseMatrix;
  /** N numbers. */
  readonly values: Float64Array;
  /** Of the region. */
  readonly volume: number;
}

/** Parameters (a_i, b_i) of the plane of the transform. */
export interface RidgeParameters {
  /** n x m. */
  readonly slopes: DenseMatrix;
  readonly biases: Float64Array;
}

function checkParameters({ slopes, biases }: RidgeParameters, inputs: number): void {
  checkFiniteDense("slopes", slopes);
  if (slopes.columns !== inputs)
    throw new ArgumentError(`slopes must have ${inputs} columns, one for each input, got ${slopes.columns}`);
  checkLength("biases", biases, slopes.rows);
  checkFiniteVector("biases", biases);
}

/** a . x of a row each. */
function inner(A: DenseMatrix, i: number, X: DenseMatrix, j: number): number {
  let sum = 0;
  for (let k = 0; k < X.columns; k++) sum += A.values[i * A.columns + k] * X.values[j * X.columns + k];
  return sum;
}

/**
 * The ridgelet transform in any dimension by Monte Carlo over x:  volume mean_j f(x_j) rho(a . x_j - b),  with the
 * standard error of each.
 *
 * @throws ArgumentError when shapes do not fit or the volume is not positive
 * @throws DataError naming the place of a number that is not finite
 */
export function ridgeletTransformAt(
  { points, values, volume }: RandomSamples,
  ridgelet: Ridgelet,
  parameters: RidgeParameters,
): { readonly values: Float64Array; readonly standardErrors: Float64Array } {
  checkFiniteDense("points", points);
  checkLength("values", values, points.rows);
  checkFiniteVector("values", values);
  checkPositive({ volume });
  checkParameters(parameters, points.columns);
  const { slopes, biases } = parameters;
  const count = points.rows;
  const transform = new Float64Array(slopes.rows);
  const standardErrors = new Float64Array(slopes.rows);
  for (let i = 0; i < slopes.rows; i++) {
    let [sum, squares] = [0, 0];
    for (let j = 0; j < count; j++) {
      const term = values[j] * ridgelet.value(inner(slopes, i, points, j) - biases[i]);
      sum += term;
      squares += term * term;
    }
    const mean = sum / count;
    transform[i] = volume * mean;
    standardErrors[i] = volume * Math.sqrt(Math.max(0, squares / count - mean * mean) / count);
  }
  return { values: transform, standardErrors };
}

/**
 * The synthesis  S[g; sigma](x) = int g(a, b) sigma(a . x - b) da db,  as the sum over parameters with quadrature weights:
 * a network with the output weights  weight_i g_i.
 *
 * @param parameters n x m slopes and n biases
 * @param coefficients n numbers  weight_i g(a_i, b_i)
 * @param x N x m
 * @returns N numbers
 * @throws ArgumentError when shapes do not fit or the activation is unknown
 * @throws DataError naming the place of a number that is not finite
 */
export function ridgeletSynthesis(
  parameters: RidgeParameters,
  coefficients: Float64Array,
  activation: RidgeActivationName | Ridgelet,
  x: DenseMatrix,
): Float64Array<ArrayBuffer> {
  checkFiniteDense("x", x);
  checkParameters(parameters, x.columns);
  const { slopes, biases } = parameters;
  checkLength("coefficients", coefficients, slopes.rows);
  checkFiniteVector("coefficients", coefficients);
  const { value } = typeof activation === "string" ? ridgeActivation(activation) : activation;
  const out = new Float64Array(x.rows);
  for (let j = 0; j < x.rows; j++)
    for (let i = 0; i < slopes.rows; i++)
      out[j] += coefficients[i] * value(inner(slopes, i, x, j) - biases[i]);
  return out;
}
