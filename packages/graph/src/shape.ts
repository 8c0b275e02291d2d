import { ShapeError } from "./errors.ts";

/**
 * A size known at trace time, or a name (`"batch"`) for a size that each run determines. Equal names are equal sizes.
 * Merged dimensions are products, concatenated ones sums: `"12*batch"`, `"past+sequence"`.
 */
export type Dimension = number | string;

/** The dimensions of a tensor, outermost first; none for a scalar. */
export type Shape = readonly Dimension[];

/** Sums and differences of products, of which the first is not subtracted. */
const POLYNOMIAL = /^(\d+|[A-Za-z_]\w*)(\*[A-Za-z_]\w*)*([+-](\d+|[A-Za-z_]\w*)(\*[A-Za-z_]\w*)*)*$/;
/** The same, of which the first may be subtracted. */
const SIGNED = new RegExp(`^-?${POLYNOMIAL.source.slice(1)}`);

/** A shape as text, such as `[batch, 784]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}

/** Whether every dimension is a number. */
export function isStatic(shape: Shape): shape is readonly number[] {
  return shape.every((dimension) => typeof dimension === "number");
}

/** The number of elements of a static shape. */
export function sizeOfShape(shape: readonly number[]): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}

/** Whether a text is a name, or a sum of products of names. */
export function isDimension(text: string): boolean {
  return POLYNOMIAL.test(text) && !/^\d+$/.test(text);
}

/** A shape whose dimensions are non-negative integers, or match the pattern. */
function checkDimensions(argument: string, shape: Shape, pattern: RegExp, lowest: number): Shape {
  const valid = (d: unknown) =>
    typeof d === "number"
      ? Number.isSafeInteger(d) && d >= lowest
      : typeof d === "string" && pattern.test(d) && !/^\d+$/.test(d);
  if (!Array.isArray(shape) || !shape.every(valid))
    throw new ShapeError(
      `${argument}: dimensions must be non-negative integers or names${lowest < 0 ? ", or one of them -1" : ""}, got ${Array.isArray(shape) ? formatShape(shape) : String(shape)}`,
    );
  return shape;
}

/**
 * Checks a shape and returns it.
 *
 * @param lowest the smallest number allowed as a dimension
 * @throws ShapeError unless all dimensions are non-negative integers, names or sums of products of them
 */
export function checkShape(argument: string, shape: Shape, lowest = 0): Shape {
  return checkDimensions(argument, shape, POLYNOMIAL, lowest);
}

/** @throws ShapeError unless all dimensions are integers, names or sums of products of them, of any sign */
export function checkCounts(argument: string, shape: Shape): Shape {
  return checkDimensions(argument, shape, SIGNED, Number.MIN_SAFE_INTEGER);
}

/**
 * The shape to which all of `shapes` broadcast: aligned at the right, sizes must be equal or 1.
 *
 * @throws ShapeError naming the operation, the shapes and the pair of dimensions that differ
 */
export function broadcastShapes(operation: string, ...shapes: Shape[]): Shape {
  const rank = Math.max(...shapes.map((s) => s.length));
  const result: Dimension[] = new Array(rank).fill(1);
  for (const shape of shapes)
    for (let i = 0; i < shape.length; i++) {
      const at = rank - shape.length + i;
      const dimension = shape[i];
      if (dimension === 1 || dimension === result[at]) continue;
      if (result[at] !== 1)
        throw new ShapeError(
          `${operation}: shapes ${shapes.map(formatShape).join(" and ")} do not broadcast: ` +
            `${result[at]} against ${dimension} in dimension ${at - rank} (counted from the right)`,
        );
      result[at] = dimension;
    }
  return result;
}

/**
 * Axes as sorted numbers from 0; negative ones count from the end; `undefined` means all.
 *
 * @throws ShapeError for an axis that is out of range or repeated
 */
export function normalizeAxes(operation: string, rank: number, axes?: number | readonly number[]): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = typeof axes === "number" ? [axes] : axes;
  const normalized = list.map((axis) => {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
      throw new ShapeError(`${operation}: axis must be an integer in [${-rank}, ${rank - 1}], got ${axis}`);
    return axis < 0 ? axis + rank : axis;
  });
  normalized.sort((a, b) => a - b);
  for (let i = 1; i < normalized.length; i++)
    if (normalized[i] === normalized[i - 1])
      throw new ShapeError(`${operation}: axis ${normalized[i]} is repeated in ${formatShape(list)}`);
  return normalized;
}
