import { ShapeError } from "../errors.ts";
import type { Emitter } from "../onnx/emit.ts";
import { type Dimension, formatShape, isStatic, type Shape } from "../shape.ts";

/** One number per spatial axis, or one number for all axes. */
export type PerAxis = number | readonly number[];
/** Padding: one number for all ends, one number per axis for both of its ends, or [before, after] per axis. */
export type Padding = number | readonly (number | readonly [before: number, after: number])[];

/** The geometry of a sliding window over the spatial axes. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/** How windows slide. */
export interface WindowOptions {
  readonly strides?: PerAxis;
  readonly dilations?: PerAxis;
  readonly padding?: Padding;
}

/** One integer, at least `least`, for each of `rank` axes. */
export function perAxis(what: string, value: PerAxis, rank: number, least: number): number[] {
  const values = typeof value === "number" ? new Array<number>(rank).fill(value) : [...value];
  if (values.length !== rank || !values.every((n) => Number.isSafeInteger(n) && n >= least))
    throw new ShapeError(
      `${what} must be ${least === 0 ? "a non-negative" : "a positive"} integer, or ${rank} of them, got ${JSON.stringify(value)}`,
    );
  return values;
}

/** The padding before and after each of `rank` axes. */
export function paddingOf(operation: string, padding: Padding, rank: number): [number, number][] {
  const pairs = typeof padding === "number" ? new Array<number>(rank).fill(padding) : padding;
  const what = `${operation}: padding`;
  const ends = [0, 1].map((end) =>
    perAxis(
      what,
      pairs.map((pair) => (typeof pair === "number" ? pair : pair[end])),
      rank,
      0,
    ),
  );
  return ends[0].map((before, axis) => [before, ends[1][axis]]);
}

/** The sizes of the last `rank` dimensions. */
export function spatialSizes(operation: string, shape: Shape, rank: number): readonly number[] {
  const sizes = shape.slice(shape.length - rank);
  if (!isStatic(sizes))
    throw new ShapeError(
      `${operation}: the last ${rank} dimensions of ${formatShape(shape)} must be known at trace time`,
    );
  return sizes;
}

/**
 * Windows over spatial axes of the sizes `input`: floor((input + padding - dilation (kernel - 1) - 1) / stride) + 1 of
 * them along each axis.
 *
 * @throws ShapeError when no window fits
 */
export function windowsOver(
  operation: string,
  input: readonly number[],
  kernel: readonly number[],
  { strides = 1, dilations = 1, padding = 0 }: WindowOptions,
): Windows {
  const rank = kernel.length;
  const steps = perAxis(`${operation}: strides`, strides, rank, 1);
  const spacing = perAxis(`${operation}: dilations`, dilations, rank, 1);
  const ends = paddingOf(operation, padding, rank);
  const output = input.map((size, i) => {
    const room = size + ends[i][0] + ends[i][1] - spacing[i] * (kernel[i] - 1) - 1;
    if (room < 0)
      throw new ShapeError(
        `${operation}: a window of ${formatShape(kernel)} with dilations ${formatShape(spacing)} does not fit ` +
          `${formatShape(input)} with padding ${JSON.stringify(ends)}`,
      );
    return Math.floor(room / steps[i]) + 1;
  });
  return {
    kernel,
    strides: steps,
    dilations: spacing,
    before: ends.map(([before]) => before),
    after: ends.map(([, after]) => after),
    input,
    output,
  };
}

/**
 * The windows of the transpose, over outputs spread by the strides: for each input entry, the windows that cover it.
 * Padding may be negative.
 */
export function reversed({ kernel, dilations, before, input, output, strides }: Windows): Windows {
  const reach = kernel.map((size, i) => dilations[i] * (size - 1));
  const spread = output.map((size, i) => (size - 1) * strides[i] + 1);
  const front = reach.map((n, i) => n - before[i]);
  return {
    kernel,
    strides: kernel.map(() => 1),
    dilations,
    before: front,
    after: input.map((size, i) => size + reach[i] - front[i] - spread[i]),
    input: spread,
    output: input,
  };
}

/** The dimensions before the last `rank` ones. */
export function leadingOf(shape: Shape, rank: number): readonly Dimension[] {
  return shape.slice(0, shape.length - rank);
}

/** An ONNX node that requires one dimension before the channels and `rank` spatial ones after them. */
export function withOneLeading(
  emit: Emitter,
  x: string,
  { from, to, rank }: { readonly from: Shape; readonly to: Shape; readonly rank: number },
  node: (x: string) => string,
): string {
  if (from.length === rank + 2) return node(x);
  const flat = emit.node("Reshape", [x, emit.shapeVector([-1, ...from.slice(from.length - rank - 1)])]);
  return emit.reshape(node(flat), to);
}
