import { shown } from "./describe.ts";
import { ArgumentError, DataError } from "./errors.ts";

const isNumbers = (value: unknown): value is ArrayLike<number> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/**
 * Checks the length of an array of numbers.
 *
 * @throws ArgumentError when it is no array or its length is another
 */
export function checkLength(name: string, values: ArrayLike<number>, length: number): void {
  if (!isNumbers(values))
    throw new ArgumentError(`${name} must be an array of numbers, got ${shown(values)}`);
  if (values.length !== length)
    throw new ArgumentError(`${name} must have ${length} numbers, got ${values.length}`);
}

/**
 * Checks that the numbers of a vector are finite.
 *
 * @throws DataError naming the place of the first that is not
 */
export function checkFiniteVector(name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new DataError(`${name} must be finite, got ${values[i]} at index ${i}`);
}

/** Whether all numbers are finite: 0 times any other is NaN. In four parts, so that no addition waits for another. */
function allFinite(values: ArrayLike<number>): boolean {
  const fours = values.length - (values.length % 4);
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  for (let k = 0; k < fours; k += 4) {
    sum0 += 0 * values[k];
    sum1 += 0 * values[k + 1];
    sum2 += 0 * values[k + 2];
    sum3 += 0 * values[k + 3];
  }
  for (let k = fours; k < values.length; k++) sum0 += 0 * values[k];
  return sum0 + sum1 + (sum2 + sum3) === 0;
}

/**
 * Checks that the numbers of a row-major matrix are finite.
 *
 * @throws DataError naming row and column of the first that is not
 */
export function checkFiniteMatrix(name: string, values: ArrayLike<number>, columns: number): void {
  if (allFinite(values)) return;
  for (let k = 0; k < values.length; k++)
    if (!Number.isFinite(values[k]))
      throw new DataError(
        `${name} must be finite, got ${values[k]} in row ${Math.floor(k / columns)}, column ${k % columns}`,
      );
}

/**
 * Checks class labels: integers 0 .. classes - 1.
 *
 * @throws DataError naming the row, the label and the number of classes
 */
export function checkClassLabels(name: string, labels: ArrayLike<number>, classes: number): void {
  for (let i = 0; i < labels.length; i++)
    if (!Number.isInteger(labels[i]) || labels[i] < 0 || labels[i] >= classes)
      throw new DataError(
        `${name} must be class numbers from 0 to ${classes - 1}, got ${labels[i]} in row ${i} (${classes} classes)`,
      );
}

/**
 * Checks labels that may only be a few values, such as 0 and 1 or -1 and +1.
 *
 * @throws DataError naming the row and the label
 */
export function checkLabels(name: string, labels: ArrayLike<number>, allowed: readonly number[]): void {
  for (let i = 0; i < labels.length; i++)
    if (!allowed.includes(labels[i]))
      throw new DataError(`${name} must be ${allowed.join(" or ")}, got ${labels[i]} in row ${i}`);
}
