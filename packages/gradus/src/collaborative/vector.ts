import { ArgumentError, DataError } from "../errors.ts";

/** The numbers of a model: its parameters one after the other. */
export type Vector = Float64Array | Float32Array;

/** Zeros in the precision of `like`. */
export function zerosAs(like: Vector, length = like.length): Vector {
  return like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

/** Whether every number is finite. */
export function isFiniteVector(x: Vector): boolean {
  // 0 times a number is 0 unless the number is infinite or NaN; one branch at the end.
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] * 0;
  return sum === 0;
}

/** Squared Euclidean distance, summed in float64. */
export function squaredDistance(x: Vector, y: Vector): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) {
    const difference = x[k] - y[k];
    sum += difference * difference;
  }
  return sum;
}

/** Inner product, summed in float64. */
export function innerProduct(x: Vector, y: Vector): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] * y[k];
  return sum;
}

/** The mean of some vectors, summed in float64. */
export function meanVector(rows: readonly Vector[]): Float64Array {
  const mean = new Float64Array(rows[0].length);
  for (const row of rows) for (let k = 0; k < mean.length; k++) mean[k] += row[k];
  for (let k = 0; k < mean.length; k++) mean[k] /= rows.length;
  return mean;
}

/** The rows of a row-major matrix, as views of it. */
export function rowsOf(matrix: Vector, dimension: number): Vector[] {
  return Array.from({ length: matrix.length / dimension }, (_, i) =>
    matrix.subarray(i * dimension, (i + 1) * dimension),
  );
}

/**
 * Checks models that are to be aggregated.
 *
 * @throws ArgumentError when there is none
 * @throws DataError naming two models of different length
 */
export function requireModels(models: readonly Vector[]): void {
  if (models.length === 0) throw new ArgumentError("models must have at least one row, got none");
  for (let j = 1; j < models.length; j++)
    if (models[j].length !== models[0].length)
      throw new DataError(
        `models must have one length, got ${models[0].length} numbers in model 0 and ${models[j].length} in model ${j}`,
      );
}
