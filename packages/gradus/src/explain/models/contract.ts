import { areFinite, checkFiniteMatrix, firstBeyondSingle } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkFunction } from "../../check/options.ts";
import { checkDense, type DenseMatrix } from "../../linalg/matrix.ts";
import type { MaybePromise } from "../../objectives/objective.ts";

/** Scores of rows and their gradients. */
export interface ScoresAndGradients {
  /** One number a row. */
  readonly values: Float64Array;
  /** df/dx of each row, row-major: rows x features numbers. */
  readonly gradients: Float64Array;
}

/** Inputs  x_ik = offset_i + scale_i * xi_k  that perturbations xi make of rows, elementwise; each n x d. */
export interface PerturbedRows {
  readonly offset: DenseMatrix;
  readonly scale: DenseMatrix;
}

/**
 * What is explained: a function f from rows of features to one score each. `tracedModel`, `classifierModel` and
 * `onnxModel` make one; any object with these fields is one.
 */
export interface ExplainableModel {
  /** d, the number of columns that a row has. */
  readonly features: number;
  /**
   * f of each row; the matrix is not to be modified, nor kept: the next call may overwrite it, and may answer in the same
   * array.
   */
  values(rows: DenseMatrix): MaybePromise<Float64Array>;
  /** f and df/dx of each row; absent where the model has no gradient. */
  valuesAndGradients?(rows: DenseMatrix): MaybePromise<ScoresAndGradients>;
  /**
   * f at the inputs x_ik of the perturbations, N x d: N numbers for one row after another; for models that compose inputs
   * faster than it takes to hand them over. Without it `values` is called with the inputs.
   */
  perturbedValues?(rows: PerturbedRows, perturbations: DenseMatrix): MaybePromise<Float64Array>;
  /** sum_k w_k f'(x_ik), d numbers for one row after another. Without it `valuesAndGradients` is called with the inputs. */
  meanGradient?(
    rows: PerturbedRows,
    perturbations: DenseMatrix,
    weights: Float64Array,
  ): MaybePromise<Float64Array>;
  /** Why there is no gradient, as an error says it. */
  readonly withoutGradients?: string;
}

/** A row as an error shows it: its first six numbers. */
function shownRow({ values, columns }: DenseMatrix, row: number): string {
  const most = Math.min(columns, 6);
  const numbers = Array.from(values.subarray(row * columns, row * columns + most), (value) =>
    String(Number(value.toPrecision(6))),
  );
  return `[${numbers.join(", ")}${columns > most ? ", ..." : ""}]`;
}

/**
 * Checks inputs of a model that computes in float32, where a larger number is infinite and its score may be finite.
 *
 * @throws DataError naming the number and its row
 */
export function checkSingleRows(rows: DenseMatrix): void {
  const k = firstBeyondSingle(rows.values);
  if (k >= 0)
    throw new DataError(
      `the model's input must be within ±3.4e38, the range of float32, got ${rows.values[k]} at the row ${shownRow(rows, Math.floor(k / rows.columns))}; scale the features`,
    );
}

/** @throws ArgumentError when the argument is not a model */
export function checkModel(model: ExplainableModel): void {
  if (typeof model !== "object" || model === null)
    throw new ArgumentError(`model must be an object with features and values, got ${shown(model)}`);
  checkPositiveInteger({ "model.features": model.features });
  checkFunction({ "model.values": model.values });
}

/**
 * Checks rows that a model is to be explained on.
 *
 * @throws ArgumentError when x is not a dense matrix with at least one row, or has other columns than the model
 * @throws DataError naming the row and column of a number that is not finite
 */
export function checkRows(name: string, x: DenseMatrix, features: number): void {
  checkDense(name, x);
  if (x.rows < 1) throw new ArgumentError(`${name} must have at least one row, got none`);
  if (x.columns !== features)
    throw new ArgumentError(`${name} must have the model's ${features} columns, got ${x.columns}`);
  checkFiniteMatrix(name, x.values, features);
}

function checkLengthOf(name: string, numbers: Float64Array, length: number, rows: number): void {
  if (!(numbers instanceof Float64Array) || numbers.length !== length)
    throw new ArgumentError(
      `${name} must return a Float64Array of ${length} numbers for ${rows} rows, got ${shown(numbers)}`,
    );
}

/** Which rows inputs were made from: the first of them, how many inputs each has, and of how many rows they are. */
export interface InputOrigin {
  readonly from: number;
  readonly each: number;
  readonly rows: number;
}

/** The row of which an input is a perturbation, where there are others. */
function shownOrigin(origin: InputOrigin | undefined, input: number): string {
  if (origin === undefined || origin.rows === 1) return "";
  return `, a perturbation of row ${origin.from + Math.floor(input / origin.each)}`;
}

function checkNumbers(
  name: string,
  numbers: Float64Array,
  length: number,
  rows: DenseMatrix,
  origin?: InputOrigin,
): void {
  checkLengthOf(name, numbers, length, rows.rows);
  if (areFinite(numbers)) return;
  const k = numbers.findIndex((value) => !Number.isFinite(value));
  const row = Math.floor((k * rows.rows) / length);
  throw new DataError(
    `${name} must be finite, got ${numbers[k]} at the row ${shownRow(rows, row)}${shownOrigin(origin, row)}`,
  );
}

/**
 * f of each row.
 *
 * @param origin for rows that are perturbations of others, which an error then names
 * @throws ArgumentError when the model does not return one number a row
 * @throws DataError naming the row at which a value is not finite
 */
export async function valuesOf(
  model: ExplainableModel,
  rows: DenseMatrix,
  origin?: InputOrigin,
): Promise<Float64Array> {
  const values = await model.values(rows);
  checkNumbers("model.values", values, rows.rows, rows, origin);
  return values;
}

/**
 * f and df/dx of each row.
 *
 * @param origin for rows that are perturbations of others, which an error then names
 * @throws ArgumentError when the model has no gradient, saying why and what to do, or returns other shapes
 * @throws DataError naming the row at which a value or a gradient is not finite
 */
export async function valuesAndGradientsOf(
  model: ExplainableModel,
  rows: DenseMatrix,
  origin?: InputOrigin,
): Promise<ScoresAndGradients> {
  checkGradients(model);
  const result = await model.valuesAndGradients(rows);
  if (typeof result !== "object" || result === null)
    throw new ArgumentError(
      `model.valuesAndGradients must return { values, gradients }, got ${shown(result)}`,
    );
  checkNumbers("model.valuesAndGradients values", result.values, rows.rows, rows, origin);
  checkNumbers(
    "model.valuesAndGradients gradients",
    result.gradients,
    rows.rows * rows.columns,
    rows,
    origin,
  );
  return result;
}

/** A model with gradients. */
type Differentiable = ExplainableModel & Required<Pick<ExplainableModel, "valuesAndGradients">>;

/** @throws ArgumentError when the model has no gradient, saying why and what to do */
export function checkGradients(model: ExplainableModel): asserts model is Differentiable {
  if (model.valuesAndGradients === undefined)
    throw new ArgumentError(
      `this explanation needs gradients, but ${model.withoutGradients ?? "the model has no valuesAndGradients"}; choose an explanation by values (lime, cLime, kernelShap, occlusion), or wrap the model in finiteDifferences`,
    );
  checkFunction({ "model.valuesAndGradients": model.valuesAndGradients });
}

/** The input that perturbation k makes of row i, as an error shows it. */
function shownInput(
  { offset, scale }: PerturbedRows,
  perturbations: DenseMatrix,
  i: number,
  k: number,
): string {
  const d = offset.columns;
  const values = Float64Array.from(
    { length: d },
    (_, j) => offset.values[i * d + j] + scale.values[i * d + j] * perturbations.values[k * d + j],
  );
  return shownRow({ rows: 1, columns: d, values }, 0);
}

/**
 * f at the inputs that N perturbations make of n rows, n N numbers.
 *
 * @throws ArgumentError when the model does not return one number an input
 * @throws DataError naming the input at which a value is not finite
 */
export async function perturbedValuesOf(
  model: Required<Pick<ExplainableModel, "perturbedValues">>,
  rows: PerturbedRows,
  perturbations: DenseMatrix,
  origin?: InputOrigin,
): Promise<Float64Array> {
  const values = await model.perturbedValues(rows, perturbations);
  const count = rows.offset.rows * perturbations.rows;
  checkLengthOf("model.perturbedValues", values, count, count);
  if (areFinite(values)) return values;
  const at = values.findIndex((value) => !Number.isFinite(value));
  const [i, k] = [Math.floor(at / perturbations.rows), at % perturbations.rows];
  throw new DataError(
    `model.perturbedValues must be finite, got ${values[at]} at the row ${shownInput(rows, perturbations, i, k)}${shownOrigin(origin, at)}`,
  );
}

/**
 * sum_k w_k f'(x_ik) over the inputs that perturbations make of n rows, n d numbers.
 *
 * @throws ArgumentError when the model does not return one number a feature of each row
 * @throws DataError when one is not finite
 */
export async function meanGradientOf(
  model: Required<Pick<ExplainableModel, "meanGradient">>,
  rows: PerturbedRows,
  perturbations: DenseMatrix,
  weights: Float64Array,
): Promise<Float64Array> {
  const gradient = await model.meanGradient(rows, perturbations, weights);
  const { rows: n, columns: d } = rows.offset;
  checkLengthOf("model.meanGradient", gradient, n * d, n);
  const at = gradient.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new DataError(
      `model.meanGradient must be finite, got ${gradient[at]} for feature ${at % d} around the row ${shownInput(rows, perturbations, Math.floor(at / d), 0)}`,
    );
  return gradient;
}
