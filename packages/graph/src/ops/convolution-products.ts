import { sizeOfShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { concat } from "./concat.ts";
import { einsum } from "./einsum.ts";
import { matmul } from "./matmul.ts";
import { dilate, padSpatial } from "./pad.ts";
import { reshape, transpose } from "./shape.ts";
import { cut, flip } from "./slice.ts";
import { leadingOf, reversed, type Windows } from "./windows.ts";

/** Windows of a convolution with `groups` independent groups of channels. */
export interface Convolution extends Windows {
  readonly groups: number;
}

/** The entries of x at each position of the windows along spatial axis `i`; x is padded. */
function under(x: Tensor, { kernel, strides, dilations, output }: Windows, i: number): Tensor[] {
  const axis = x.shape.length - kernel.length + i;
  return Array.from({ length: kernel[i] }, (_, k) => cut(x, axis, k * dilations[i], output[i], strides[i]));
}

/**
 * Unfolds x: `axis` gets the entries of x under the window of each entry of the result, so [.., c, .., ...input]
 * becomes [.., (last kernel axis, ..., first kernel axis, c), .., ...output]. Axis by axis, so that a kernel of 5 x 5
 * takes 5 + 5 cuts instead of 25. Only the first `count` spatial axes are unfolded.
 */
function unfold(x: Tensor, axis: number, windows: Windows, count: number): Tensor {
  const padded = padSpatial(x, windows.before, windows.after);
  return axesFrom(0, count).reduce((t, i) => concat(under(t, windows, i), { axis }), padded);
}

/** The numbers start, start + 1, ..., start + length - 1. */
function axesFrom(start: number, length: number): number[] {
  return Array.from({ length }, (_, i) => start + i);
}

/** Splits the channel axis, which is before `rank` spatial axes, into groups and channels per group. */
function splitChannels(x: Tensor, rank: number, groups: number): Tensor {
  const leading = leadingOf(x.shape, rank + 1);
  const channels = Number(x.shape[leading.length]) / groups;
  return reshape(x, [...leading, groups, channels, ...x.shape.slice(leading.length + 1)]);
}

/**
 * The convolution of x [..., C, ...input] and w [O, C/groups, ...kernel] as a product of matrices. It serves float64,
 * and weights with a leading axis (by vmap): ONNX Runtime has no kernels for either.
 */
export function convolutionByProducts(x: Tensor, w: Tensor, convolution: Convolution): Tensor {
  const { kernel, output, groups } = convolution;
  const rank = kernel.length;
  const leading = leadingOf(x.shape, rank + 1);
  const entries = splitChannels(x, rank, groups);
  const columns = unfold(entries, leading.length + 1, convolution, rank);
  const filters = Number(w.shape[0]) / groups;
  const taps = sizeOfShape(kernel) * Number(w.shape[1]);
  const kernelAxes = axesFrom(3, rank).reverse();
  const rows = transpose(reshape(w, [groups, filters, ...w.shape.slice(1)]), [0, 1, ...kernelAxes, 2]);
  const product = matmul(
    reshape(rows, [groups, filters, taps]),
    reshape(columns, [...leading, groups, taps, sizeOfShape(output)]),
  );
  return reshape(product, [...leading, groups * filters, ...output]);
}

/**
 * The transpose of x -> convolution(x, w), applied to y: a convolution of y, spread by the strides, with w reversed.
 */
export function transposeByProducts(y: Tensor, w: Tensor, convolution: Convolution): Tensor {
  const { strides, groups } = convolution;
  const spread = dilate(y, strides);
  return convolutionByProducts(spread, exchanged(w, groups), { ...reversed(convolution), groups });
}

/** Weights with input and output channels exchanged and the kernel reversed: [C, O/groups, ...kernel]. */
export function exchanged(w: Tensor, groups: number): Tensor {
  const [outputs, channels, ...kernel] = w.shape;
  const grouped = reshape(w, [groups, Number(outputs) / groups, channels, ...kernel]);
  const swapped = transpose(grouped, [0, 2, 1, ...axesFrom(3, kernel.length)]);
  const merged = reshape(swapped, [groups * Number(channels), Number(outputs) / groups, ...kernel]);
  return flip(merged, axesFrom(2, kernel.length));
}

/** The transpose of w -> convolution(x, w), applied to y: sums over the leading axes and the window positions. */
export function weightsByProducts(x: Tensor, y: Tensor, convolution: Convolution): Tensor {
  const { kernel, groups } = convolution;
  const rank = kernel.length;
  const batch = x.shape.length - rank - 1;
  // Groups and channels move to the front: the summed dimensions are then contiguous and need no further copy.
  const forward = (t: Tensor) =>
    transpose(splitChannels(t, rank, groups), [
      batch,
      batch + 1,
      ...axesFrom(0, batch),
      ...axesFrom(batch + 2, rank),
    ]);
  const columns = unfold(forward(x), 1, convolution, rank - 1);
  const summed = "abcdefghijklmnop".slice(0, batch + rank);
  const entries = forward(y);
  const places = under(columns, convolution, rank - 1);
  // Each product reads all of `entries`, which dominates when there are fewer unfolded rows. Otherwise there is one
  // product per position along the last axis, so the largest unfolded tensor is never formed.
  const fewRows = Number(columns.shape[1]) < Number(entries.shape[1]);
  const product = concat(
    (fewRows ? [concat(places, { axis: 1 })] : places).map((t) =>
      einsum(`xy${summed},xz${summed}->xyz`, t, entries),
    ),
    { axis: 1 },
  );
  const channels = Number(x.shape[batch]) / groups;
  const outputs = Number(y.shape[batch]);
  const taps = reshape(product, [groups, ...[...kernel].reverse(), channels, outputs / groups]);
  const ordered = transpose(taps, [0, rank + 2, rank + 1, ...axesFrom(1, rank).reverse()]);
  return reshape(ordered, [outputs, channels, ...kernel]);
}
