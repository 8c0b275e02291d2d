import { sizeOfShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { concat } from "./concat.ts";
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
 * takes 5 + 5 cuts instead of 25.
 */
function unfold(x: Tensor, axis: number, windows: Windows): Tensor {
  const padded = padSpatial(x, windows.before, windows.after);
  return axesFrom(0, windows.kernel.length).reduce((t, i) => concat(under(t, windows, i), { axis }), padded);
}

/** The numbers start, start + 1, ..., start + length - 1. */
export function axesFrom(start: number, length: number): number[] {
  return Array.from({ length }, (_, i) => start + i);
}

/** Splits the channel axis, which is before `rank` spatial axes, into groups and channels per group. */
export function splitChannels(x: Tensor, rank: number, groups: number): Tensor {
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
  const columns = unfold(entries, leading.length + 1, convolution);
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
