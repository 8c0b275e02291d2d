import { areFinite, checkFiniteMatrix } from "../../check/arrays.ts";
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

/** Inputs  x_k = offset + scale * xi_k  that perturbations xi make of one row, elementwise; d numbers each. */
export interface PerturbedRow {
  readonly offset: Float64Array;
  readonly scale: Float64Array;
}

/**
 * What is explained: a function f from rows of features to one score each. `tracedModel`, `classifierModel` and
 * `onnxModel` make one; any object with these fields is one.
 */
export interface ExplainableModel {
  /** d, the number of columns that a row has. */
  readonly features: number;
  /** f of each row; the matrix is not to be modified, nor kept: the next call may overwrite it. */
  values(rows: DenseMatrix): MaybePromise<Float64Array>;
  /** f and df/dx of each row; absent where the model has no gradient. */
  valuesAndGradients?(rows: DenseMatrix): MaybePromise<ScoresAndGradients>;
  /**
   * f at the inputs x_k of each perturbation, N x d; for models that compose inputs faster than it takes to hand them over.
   * Without it `values` is called with the inputs.
   */
  perturbedValues?(row: PerturbedRow, perturbations: DenseMatrix): MaybePromise<Float64Array>;
  /** sum_k w_k f'(x_k), d numbers. Without it `valuesAndGradients` is called with the inputs. */
  meanGradient?(
    row: PerturbedRow,
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

function checkNumbers(name: string, numbers: Float64Array, length: number, rows: DenseMatrix): void {
  checkLengthOf(name, numbers, length, rows.rows);
  if (areFinite(numbers)) return;
  const k = numbers.findIndex((value) => !Number.isFinite(value));
  const row = Math.floor((k * rows.rows) / length);
  throw new DataError(`${name} must be finite, got ${numbers[k]} at the row ${shownRow(rows, row)}`);
}

/**
 * f of each row.
 *
 * @throws ArgumentError when the model does not return one number a row
 * @throws DataError naming the row at which a value is not finite
 */
export async function valuesOf(model: ExplainableModel, rows: DenseMatrix): Promise<Float64Array> {
  const values = await model.values(rows);
  checkNumbers("model.values", values, rows.rows, rows);
  return values;
}

/**
 * f and df/dx of each row.
 *
 * @throws ArgumentError when the model has no gradient, saying why and what to do, or returns other shapes
 * @throws DataError naming the row at which a value or a gradient is not finite
 */
export async function valuesAndGradientsOf(
  model: ExplainableModel,
  rows: DenseMatrix,
): Promise<ScoresAndGradients> {
  checkGradients(model);
  const result = await model.valuesAndGradients(rows);
  checkNumbers("model.valuesAndGradients values", result.values, rows.rows, rows);
  checkNumbers("model.valuesAndGradients gradients", result.gradients, rows.rows * rows.columns, rows);
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

/** The input that a perturbation makes of a row, as an error shows it. */
function shownInput({ offset, scale }: PerturbedRow, perturbations: DenseMatrix, k: number): string {
  const d = offset.length;
  const values = offset.map((value, j) => value + scale[j] * perturbations.values[k * d + j]);
  return shownRow({ rows: 1, columns: d, values }, 0);
}

/**
 * f at the inputs that perturbations make of a row.
 *
 * @throws ArgumentError when the model does not return one number a perturbation
 * @throws DataError naming the input at which a value is not finite
 */
export async function perturbedValuesOf(
  model: Required<Pick<ExplainableModel, "perturbedValues">>,
  row: PerturbedRow,
  perturbations: DenseMatrix,
): Promise<Float64Array> {
  const values = await model.perturbedValues(row, perturbations);
  checkLengthOf("model.perturbedValues", values, perturbations.rows, perturbations.rows);
  if (areFinite(values)) return values;
  const k = values.findIndex((value) => !Number.isFinite(value));
  throw new DataError(
    `model.perturbedValues must be finite, got ${values[k]} at the row ${shownInput(row, perturbations, k)}`,
  );
}

/**
 * sum_k w_k f'(x_k) over the inputs that perturbations make of a row.
 *
 * @throws ArgumentError when the model does not return one number a feature
 * @throws DataError when one is not finite
 */
export async function meanGradientOf(
  model: Required<Pick<ExplainableModel, "meanGradient">>,
  row: PerturbedRow,
  perturbations: DenseMatrix,
  weights: Float64Array,
): Promise<Float64Array> {
  const gradient = await model.meanGradient(row, perturbations, weights);
  checkLengthOf("model.meanGradient", gradient, perturbations.columns, perturbations.rows);
  const j = gradient.findIndex((value) => !Number.isFinite(value));
  if (j >= 0)
    throw new DataError(
      `model.meanGradient must be finite, got ${gradient[j]} for feature ${j} around the row ${shownInput(row, perturbations, 0)}`,
    );
  return gradient;
}
