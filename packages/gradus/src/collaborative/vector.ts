import { checkAttached, checkFiniteVector } from "../check/arrays.ts";
import { ArgumentError, DataError } from "../check/errors.ts";

/** The numbers of a model: its parameters one after another. */
export type Vector = Float64Array | Float32Array;

/**
 * Block length: this many numbers of every row stay in the processor's cache during a pass over rows or pairs of rows.
 */
export const BLOCK = 512;

/** Zeros in the precision of `like`. */
export function zerosAs(like: Vector, length = like.length): Vector {
  return like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

// Sums over long vectors are four parallel sums, so that no addition waits for the one before it.

/** Whether every number is finite. */
export function isFiniteVector(x: Vector): boolean {
  // 0 times a number is 0 unless the number is infinite or NaN, so one branch at the end suffices.
  let [a, b, c, e] = [0, 0, 0, 0];
  const whole = x.length - (x.length % 4);
  for (let k = 0; k < whole; k += 4) {
    a += x[k] * 0;
    b += x[k + 1] * 0;
    c += x[k + 2] * 0;
    e += x[k + 3] * 0;
  }
  for (let k = whole; k < x.length; k++) a += x[k] * 0;
  return a + b + (c + e) === 0;
}

/** Squared Euclidean distance, summed in float64. */
export function squaredDistance(x: Vector, y: Vector): number {
  let [a, b, c, e] = [0, 0, 0, 0];
  const whole = x.length - (x.length % 4);
  for (let k = 0; k < whole; k += 4) {
    const first = x[k] - y[k];
    const second = x[k + 1] - y[k + 1];
    const third = x[k + 2] - y[k + 2];
    const fourth = x[k + 3] - y[k + 3];
    a += first * first;
    b += second * second;
    c += third * third;
    e += fourth * fourth;
  }
  for (let k = whole; k < x.length; k++) a += (x[k] - y[k]) ** 2;
  return a + b + (c + e);
}

/** Inner product, summed in float64. */
export function innerProduct(x: Vector, y: Vector): number {
  let [a, b, c, e] = [0, 0, 0, 0];
  const whole = x.length - (x.length % 4);
  for (let k = 0; k < whole; k += 4) {
    a += x[k] * y[k];
    b += x[k + 1] * y[k + 1];
    c += x[k + 2] * y[k + 2];
    e += x[k + 3] * y[k + 3];
  }
  for (let k = whole; k < x.length; k++) a += x[k] * y[k];
  return a + b + (c + e);
}

/** The mean of some vectors, summed in float64. */
export function meanVector(rows: readonly Vector[]): Float64Array<ArrayBuffer> {
  const mean = new Float64Array(rows[0].length);
  // Block by block: the sums stay in the processor's cache.
  for (let start = 0; start < mean.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, mean.length);
    for (const row of rows) for (let k = start; k < end; k++) mean[k] += row[k];
    for (let k = start; k < end; k++) mean[k] /= rows.length;
  }
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
 * @throws ArgumentError when there are none
 * @throws DataError naming two models of different length
 */
export function checkModels(models: readonly Vector[]): void {
  if (models.length === 0) throw new ArgumentError("models must have at least one row, got none");
  checkAttached("models[0]", models[0]);
  for (let j = 1; j < models.length; j++)
    if (models[j].length !== models[0].length)
      throw new DataError(
        `models must have the same length, got ${models[0].length} numbers in model 0 and ${models[j].length} in model ${j}`,
      );
}

/**
 * Checks models that are to be aggregated by a rule whose result depends on every one of them.
 *
 * @throws ArgumentError when there are none
 * @throws DataError naming two models of different length, or a model that is not finite
 */
export function checkFiniteModels(models: readonly Vector[]): void {
  checkModels(models);
  models.forEach((model, j) => {
    if (!isFiniteVector(model)) checkFiniteVector(`models[${j}]`, model);
  });
}
