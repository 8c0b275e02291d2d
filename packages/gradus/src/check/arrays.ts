import { alternatives, shown } from "./describe.ts";
import { ArgumentError, DataError } from "./errors.ts";

const isNumbers = (value: unknown): value is ArrayLike<number> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/**
 * Checks the length of an array of numbers.
 *
 * @throws ArgumentError when it is not an array or has another length
 */
export function checkLength(name: string, values: ArrayLike<number>, length: number): void {
  if (!isNumbers(values))
    throw new ArgumentError(`${name} must be an array of numbers, got ${shown(values)}`);
  if (values.length !== length)
    throw new ArgumentError(`${name} must have ${length} numbers, got ${values.length}`);
}

/**
 * Checks that an array whose length tells a size still has its numbers, which it loses when its buffer is transferred to
 * another thread.
 *
 * @throws ArgumentError when its buffer was transferred
 */
export function checkAttached(name: string, values: unknown): void {
  if (!ArrayBuffer.isView(values) || values.byteLength > 0) return;
  if ("detached" in values.buffer && values.buffer.detached)
    throw new ArgumentError(`${name} must not be transferred`);
}

type Sizes = Readonly<Record<string, number>>;
type Single = Float32Array<ArrayBuffer>;
type Double = Float64Array<ArrayBuffer>;

/**
 * Zeros, as many as the product of sizes that a user gave.
 *
 * @throws ArgumentError naming the sizes where engines or memory have no room for so many
 */
export function zerosOf(sizes: Sizes): Double;
export function zerosOf(sizes: Sizes, dtype: "f32" | "f64"): Single | Double;
export function zerosOf(sizes: Sizes, dtype: "f32" | "f64" = "f64"): Single | Double {
  const count = Object.values(sizes).reduce((product, size) => product * size, 1);
  try {
    return dtype === "f32" ? new Float32Array(count) : new Float64Array(count);
  } catch (cause) {
    const given = Object.entries(sizes).map(([name, size]) => `${name} = ${size}`);
    throw new ArgumentError(
      `${given.join(" and ")} must leave room in memory, got ${count} numbers of ${dtype === "f32" ? 4 : 8} bytes`,
      { cause },
    );
  }
}

/** Half the most numbers that one call adds up. */
const HALF_BLOCK = 4096;

/**
 * Whether all numbers are finite. A finite sum has finite terms; a sum that is not finite may have overflowed, so its
 * terms are then tested. The sums of both halves side by side take a fraction of the time of testing every number. A loop
 * over a large array would run in code that V8 compiles during the call and discards after it, at a third of the speed.
 */
export function areFinite(values: Float32Array | Float64Array): boolean {
  const half = values.length >> 1;
  if (half > HALF_BLOCK) return areFinite(values.subarray(0, half)) && areFinite(values.subarray(half));
  let low = 0;
  let high = 0;
  // of an odd number of terms, the one in the middle is in both sums
  let k = values.length - half;
  while (k-- > 0) {
    low += values[k];
    high += values[k + half];
  }
  return Number.isFinite(low + high) || values.every(Number.isFinite);
}

/** The index of the first number that is not finite, or -1. */
export function firstNonFinite(values: ArrayLike<number>): number {
  if (values instanceof Float64Array && areFinite(values)) return -1;
  for (let k = 0; k < values.length; k++) if (!Number.isFinite(values[k])) return k;
  return -1;
}

/**
 * Checks that the numbers of a vector are finite.
 *
 * @throws DataError naming the index of the first that is not
 */
export function checkFiniteVector(name: string, values: ArrayLike<number>): void {
  const i = firstNonFinite(values);
  if (i >= 0) throw new DataError(`${name} must be finite, got ${shown(values[i])} at index ${i}`);
}

/**
 * Checks that the numbers of a row-major matrix are finite.
 *
 * @throws DataError naming the row and column of the first that is not
 */
export function checkFiniteMatrix(name: string, values: ArrayLike<number>, columns: number): void {
  const k = firstNonFinite(values);
  if (k >= 0)
    throw new DataError(
      `${name} must be finite, got ${values[k]} in row ${Math.floor(k / columns)}, column ${k % columns}`,
    );
}

/** The largest number in single precision. */
const LARGEST_SINGLE = (2 - 2 ** -23) * 2 ** 127;

/** The index of the first number that is infinite in single precision, or -1. */
export function firstBeyondSingle(values: ArrayLike<number>): number {
  for (let k = 0; k < values.length; k++) if (Math.abs(values[k]) > LARGEST_SINGLE) return k;
  return -1;
}

/**
 * Checks that the numbers of a row-major matrix stay finite in single precision, in which networks compute.
 *
 * @throws DataError naming the row and column of the first that does not
 */
export function checkSingleMatrix(name: string, values: ArrayLike<number>, columns: number): void {
  const k = firstBeyondSingle(values);
  if (k >= 0)
    throw new DataError(
      `${name} must be within ±3.4e38, the range of float32, got ${values[k]} in row ${Math.floor(k / columns)}, column ${k % columns}; scale it`,
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

/** How labels of the other convention become those that are allowed. */
const remedies: ReadonlyMap<string, string> = new Map([
  ["0 for -1,1", "map labels 0 and 1 by 2 y - 1"],
  ["-1 for 0,1", "map labels -1 and 1 by (y + 1) / 2"],
]);

/** What makes labels of a label that is not allowed; undefined where nothing is known to. */
function remedyFor(label: unknown, allowed: readonly number[]): string | undefined {
  if (typeof label === "string" || typeof label === "boolean")
    return `map each class to ${alternatives(allowed)}`;
  return remedies.get(`${label} for ${allowed}`);
}

/** Whether every number is one of two: by a sum, since a processor mostly guesses wrong which of two random labels comes. */
function areTwo(numbers: Float64Array, one: number, other: number): boolean {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += Math.abs((numbers[i] - one) * (numbers[i] - other));
  return sum === 0;
}

/**
 * Checks labels that may take only a few values, such as 0 and 1 or -1 and +1.
 *
 * @throws DataError naming the row and the label
 */
export function checkLabels(name: string, labels: ArrayLike<number>, allowed: readonly number[]): void {
  if (labels instanceof Float64Array && allowed.length === 2 && areTwo(labels, allowed[0], allowed[1]))
    return;
  for (let i = 0; i < labels.length; i++)
    if (!allowed.includes(labels[i])) {
      const how = remedyFor(labels[i], allowed);
      throw new DataError(
        `${name} must be ${allowed.join(" or ")}, got ${shown(labels[i])} in row ${i}${how ? `; ${how}` : ""}`,
      );
    }
}
