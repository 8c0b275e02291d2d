import { ShapeError } from "./errors.ts";

/**
 * A size known at trace time, or a name (`"batch"`) for a size that each run determines. Equal names are equal sizes.
 * Merged dimensions are products: `"12*batch"`.
 */
export type Dimension = number | string;

/** The dimensions of a tensor, outermost first; none for a scalar. */
export type Shape = readonly Dimension[];

const NAME = /^[A-Za-z_]\w*$/;
const PRODUCT = /^(\d+|[A-Za-z_]\w*)(\*[A-Za-z_]\w*)*$/;

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
 * @throws ShapeError unless all dimensions are non-negative integers, names or products of them
 */
export function checkShape(argument: string, shape: Shape, lowest = 0): Shape {
  return checkDimensions(argument, shape, PRODUCT, lowest);
}

/** @throws ShapeError unless all dimensions of a signature are non-negative integers or names */
export function checkSignature(argument: string, shape: Shape): Shape {
  return checkDimensions(argument, shape, NAME, 0);
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
