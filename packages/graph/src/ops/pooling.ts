import { checkOptions, shown } from "../check.ts";
import { productOf } from "../dimension-polynomials.ts";
import { ShapeError } from "../errors.ts";
import type { Emitter } from "../onnx/emit.ts";
import { formatShape, type Shape, sizeOfShape } from "../shape.ts";
import { apply, floatType, type Op, type Tensor } from "../tensor.ts";
import { scatterAddAlong, takeAlong } from "./along.ts";
import { mul } from "./arithmetic.ts";
import { dilate, padSpatial } from "./pad.ts";
import { areTiles, lowerTileAverages, pickLargest, spreadToLargest } from "./pooling-tiles.ts";
import { reshape } from "./shape.ts";
import { relu, unaryOps } from "./unary.ts";
import { upsampleNearest } from "./upsample.ts";
import {
  leadingOf,
  type Padding,
  type PerAxis,
  reversed,
  spatialSizes,
  type WindowOptions,
  type Windows,
  windowsOver,
} from "./windows.ts";

function pooledShape({ shape }: Tensor, { kernel, output }: Windows) {
  return [...leadingOf(shape, kernel.length), ...output];
}

/** Flattens the spatial axes. */
function flattened(x: Tensor, { kernel }: Windows): Tensor {
  const rank = kernel.length;
  return reshape(x, [...leadingOf(x.shape, rank), sizeOfShape(x.shape.slice(-rank).map(Number))]);
}

/**
 * A pooling node with all dimensions before the spatial ones merged, followed by one channel. ONNX Runtime 1.30 fuses a
 * Pad before a pooling node into its padding, which is wrong unless zeros are below all entries; the Reshape between
 * them prevents that.
 */
function pooled(
  emit: Emitter,
  x: string,
  input: Shape,
  output: Shape,
  node: (flat: string) => string,
): string {
  const flat = emit.node("Reshape", [x, emit.shapeVector([-1, 1, ...input])]);
  return emit.reshape(node(flat), output);
}

function attributesOf({ kernel, strides, before, after }: Windows) {
  return { kernel_shape: kernel, strides, pads: [...before, ...after] };
}

/**
 * The maxima over windows for one leading dimension and one channel. Whether ONNX Runtime's MaxPool skips a NaN depends
 * on its position: a cheap sum tells whether there may be one, and only then the positions of NaNs are pooled as well.
 */
function largest(emit: Emitter, x: string, { dtype, shape }: Tensor, windows: Windows): string {
  const attributes = { ...attributesOf(windows), dilations: windows.dilations };
  const sum = emit.node("ReduceSum", [x], { keepdims: 0 });
  const leading = leadingOf(shape, windows.kernel.length);
  const rank = windows.kernel.length + 2;
  return emit.either(
    emit.node("Equal", [sum, sum]),
    (branch) => branch.node("MaxPool", [x], attributes),
    (branch) => {
      const marks = branch.node("MaxPool", [branch.cast(branch.node("IsNaN", [x]), dtype)], attributes);
      const nan = branch.scalar(dtype, Number.NaN, rank);
      return branch.node("Where", [branch.cast(marks, "bool"), nan, branch.node("MaxPool", [x], attributes)]);
    },
    { dtype, shape: [productOf(leading), 1, ...windows.output] },
  );
}

const maxPoolOp: Op<Windows> = {
  name: "maxPool",
  type: ([x], windows) => ({ dtype: floatType("maxPool", x), shape: pooledShape(x, windows) }),
  vjp: ({ inputs: [x], output, attributes: windows }, cotangent) => {
    if (areTiles(windows)) return [spreadToLargest(x, output, cotangent, windows)];
    const places = apply(maxPoolPlacesOp, [x], windows);
    const updates = flattened(cotangent, windows);
    const scattered = scatterAddAlong(places, updates, places.shape.length - 1, sizeOfShape(windows.input));
    return [reshape(scattered, x.shape)];
  },
  jvp: ({ inputs: [x], output, attributes: windows }, [tangent]) => {
    if (!tangent) return undefined;
    if (areTiles(windows)) return pickLargest(x, output, tangent, windows);
    const places = apply(maxPoolPlacesOp, [x], windows);
    return reshape(takeAlong(flattened(tangent, windows), places), output.shape);
  },
  lower: (emit, [x], { output, attributes }) =>
    pooled(emit, x, attributes.input, output.shape, (flat) => largest(emit, flat, output, attributes)),
  vmap: ([x], _, windows) => apply(maxPoolOp, [x], windows),
};

/**
 * The index, in the flattened spatial axes, of the maximum of each window (the first of equal ones). Its kernel is
 * slower than the one for values only, so only derivatives use it.
 */
const maxPoolPlacesOp: Op<Windows> = {
  name: "maxPoolPlaces",
  type: ([x], { kernel, output }) => ({
    dtype: "i64",
    shape: [...leadingOf(x.shape, kernel.length), sizeOfShape(output)],
  }),
  lower: (emit, [x], { output: { shape }, attributes }) =>
    pooled(emit, x, attributes.input, shape, (flat) => {
      const { dilations, input } = attributes;
      const [, places] = emit.nodeWith("MaxPool", [flat], { ...attributesOf(attributes), dilations }, 2);
      // The kernel's indices count through all dimensions.
      return emit.node("Mod", [places, emit.scalar("i64", sizeOfShape(input), input.length + 2)]);
    }),
  vmap: ([x], _, windows) => apply(maxPoolPlacesOp, [x], windows),
};

export const averagePoolOp: Op<Windows> = {
  name: "averagePool",
  type: ([x], windows) => ({ dtype: floatType("averagePool", x), shape: pooledShape(x, windows) }),
  vjp: ({ attributes }, cotangent) => [averagesBack(cotangent, attributes)],
  jvp: ({ attributes }, [tangent]) => tangent && apply(averagePoolOp, [tangent], attributes),
  lower: (emit, [x], { inputs: [{ dtype, shape: from }], output: { shape }, attributes }) => {
    const { kernel, strides, before, after, output } = attributes;
    const first = from.length - kernel.length;
    if (dtype === "f32" && areTiles(attributes) && sizeOfShape(kernel) > 1)
      return lowerTileAverages(emit, x, attributes, shape);
    if (dtype === "f32")
      return pooled(emit, x, attributes.input, shape, (flat) =>
        emit.node("AveragePool", [flat], { ...attributesOf(attributes), count_include_pad: 1 }),
      );
    // No kernel for float64: sums of slices, axis by axis. The factor is applied before the last axis: next to a
    // product that follows, ONNX Runtime would round it to float32.
    const none = new Array<number>(first).fill(0);
    const around = emit.integers([...none, ...before, ...none, ...after]);
    const factor = emit.scalar(dtype, 1 / sizeOfShape(kernel), shape.length);
    return kernel.reduce(
      (t, size, i) => {
        const scaled = i === kernel.length - 1 ? emit.node("Mul", [t, factor]) : t;
        const cuts = Array.from({ length: size }, (_, k) =>
          emit.node("Slice", [
            scaled,
            ...[k, k + (output[i] - 1) * strides[i] + 1, first + i, strides[i]].map((n) =>
              emit.integers([n]),
            ),
          ]),
        );
        return cuts.reduce((u, v) => emit.node("Add", [u, v]));
      },
      emit.node("Pad", [x, around]),
    );
  },
  vmap: ([x], _, windows) => apply(averagePoolOp, [x], windows),
};

/** The transpose of averagePool: each entry is distributed over its window. */
function averagesBack(y: Tensor, windows: Windows): Tensor {
  const { kernel, strides, input, output } = windows;
  const tiled = kernel.every((size, i) => size === strides[i] && size * output[i] === input[i]);
  if (tiled) return mul(upsampleNearest(y, kernel), 1 / sizeOfShape(kernel));
  // For overlapping windows, the windows that cover an entry form a window over the spread outputs.
  const { before, after, ...back } = reversed(windows);
  const zero = before.map(() => 0);
  const around = padSpatial(dilate(y, strides), before, after);
  const size = back.input.map((n, i) => n + before[i] + after[i]);
  return apply(averagePoolOp, [around], { ...back, before: zero, after: zero, input: size });
}

function poolWindows(operation: string, x: Tensor, size: readonly number[], options: WindowOptions): Windows {
  floatType(operation, x);
  if (!Array.isArray(size) || size.length < 1 || size.length > 3 || size.length > x.shape.length)
    throw new ShapeError(
      `${operation}: size must have a number for each of the last 1 to 3 dimensions of ${formatShape(x.shape)}, got ${Array.isArray(size) ? formatShape(size) : shown(size)}`,
    );
  const windows = windowsOver(operation, spatialSizes(operation, x.shape, size.length), size, options);
  [...windows.before, ...windows.after].forEach((n, i) => {
    if (n >= size[i % size.length])
      throw new ShapeError(
        `${operation}: padding must be less than the window ${formatShape(size)}, got ${n}; a window would cover only padding`,
      );
  });
  return windows;
}

export interface MaxPoolOptions {
  /** Size of the window, one number per spatial axis; these are the last dimensions. */
  readonly size: readonly number[];
  /** Defaults to the size of the window, so that windows are adjacent. */
  readonly strides?: PerAxis;
  readonly padding?: Padding;
  readonly dilations?: PerAxis;
}

/**
 * The maximum of each window over the last dimensions; NaN if the window contains one. Padding is never the maximum.
 * The first of equal entries gets the derivative. (In float32, a window of only -Infinity gives the lowest finite
 * number.)
 *
 * @returns [..., ...floor((size of x + padding - dilation (window - 1) - 1) / stride) + 1]
 * @throws ShapeError when no window fits or one would cover only padding
 */
export function maxPool(x: Tensor, options: MaxPoolOptions): Tensor {
  checkOptions("maxPool", options, ["size", "strides", "padding", "dilations"]);
  const { size, strides = size, padding = 0, dilations = 1 } = options;
  const windows = poolWindows("maxPool", x, size, { strides, padding, dilations });
  // The maximum of ReLUs is the ReLU of the maximum, with the same derivatives: fewer entries to clip, and to mask in
  // derivatives.
  return x.op === unaryOps.relu ? relu(apply(maxPoolOp, x.inputs, windows)) : apply(maxPoolOp, [x], windows);
}

/** The places, in the flattened spatial axes, of the entries that `maxPool` takes, as i64. */
export function maxPoolPlaces(x: Tensor, options: MaxPoolOptions): Tensor {
  const { size, strides = size, padding = 0, dilations = 1 } = options;
  const windows = poolWindows("maxPool", x, size, { strides, padding, dilations });
  return reshape(apply(maxPoolPlacesOp, [x], windows), pooledShape(x, windows));
}

export interface AveragePoolOptions {
  readonly size: readonly number[];
  readonly strides?: PerAxis;
  /** Zeros around x, which count in the averages. */
  readonly padding?: Padding;
}

/**
 * The average of each window over the last dimensions, including zeros of the padding.
 *
 * @returns [..., ...floor((size of x + padding - window) / stride) + 1]
 * @throws ShapeError when no window fits or one would cover only padding
 */
export function averagePool(x: Tensor, options: AveragePoolOptions): Tensor {
  checkOptions("averagePool", options, ["size", "strides", "padding"]);
  const { size, strides = size, padding = 0 } = options;
  return apply(averagePoolOp, [x], poolWindows("averagePool", x, size, { strides, padding }));
}
