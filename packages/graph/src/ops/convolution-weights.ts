import type { Tensor } from "../tensor.ts";
import { scalar } from "../tensor.ts";
import { broadcastTo } from "./broadcast.ts";
import { concat, stack } from "./concat.ts";
import { axesFrom, type Convolution, splitChannels } from "./convolution-products.ts";
import { einsum } from "./einsum.ts";
import { reshape, transpose } from "./shape.ts";
import { cut } from "./slice.ts";

/** The first spatial axis of [groups, channels, ...sizes, ...leading]. */
const FIRST = 2;

/** `count` entries along an axis in parts to concatenate: start, start + step, ..., zeros outside of x. */
function entriesFrom(x: Tensor, axis: number, start: number, count: number, step: number): Tensor[] {
  const size = Number(x.shape[axis]);
  const before = Math.min(count, Math.max(0, Math.ceil(-start / step)));
  const end = Math.max(before, Math.min(count, Math.ceil((size - start) / step)));
  const zeros = (length: number) => broadcastTo(scalar(0, x.dtype), x.shape.with(axis, length));
  const parts = [
    zeros(before),
    cut(x, axis, before < end ? start + before * step : 0, end - before, step),
    zeros(count - end),
  ];
  const present = parts.filter(({ shape }) => shape[axis] !== 0);
  return present.length > 0 ? present : parts.slice(0, 1);
}

/** Makes one channel of each tap along `axis` of each channel, in this order: [groups, channels taps, ...]. */
function channelsOf(taps: readonly Tensor[][], axis: number): Tensor {
  // Along the first spatial axis, the parts of all taps are in the order of memory already.
  const joined =
    axis === FIRST
      ? concat(taps.flat(), { axis })
      : stack(
          taps.map((parts) => concat(parts, { axis })),
          { axis: FIRST },
        );
  const [groups, channels, ...rest] = joined.shape;
  const own = axis === FIRST ? [Number(rest[0]) / taps.length, ...rest.slice(1)] : rest.slice(1);
  return reshape(joined, [groups, Number(channels) * taps.length, ...own]);
}

/**
 * The transpose of w -> convolution(x, w), applied to y: sums over the leading axes and the window positions, as one
 * product of matrices. The leading axes are moved to the end, so that what is shifted along a spatial axis is copied in
 * long rows. A kernel of 3 x 3 takes three shifts of x along the first axis and three of y, backward, along the last
 * one, instead of nine of x.
 */
export function weightsByProducts(x: Tensor, y: Tensor, convolution: Convolution): Tensor {
  const { kernel, strides, dilations, before, input, output, groups } = convolution;
  const rank = kernel.length;
  const batch = x.shape.length - rank - 1;
  const forward = (t: Tensor) =>
    transpose(splitChannels(t, rank, groups), [...axesFrom(batch, rank + 2), ...axesFrom(0, batch)]);
  const offset = (i: number, k: number) => k * dilations[i] - before[i];
  const tapsOf = (t: Tensor, i: number) =>
    axesFrom(0, kernel[i]).map((k) => entriesFrom(t, FIRST + i, offset(i, k), output[i], strides[i]));

  const last = rank - 1;
  const rows = axesFrom(0, last).reduce((t, i) => channelsOf(tapsOf(t, i), FIRST + i), forward(x));
  const entries = forward(y);
  const summed = "abcdefghijklmnop".slice(0, batch + rank);
  const product = (s: Tensor, t: Tensor) => einsum(`xy${summed},xz${summed}->xyz`, s, t);

  const channels = Number(x.shape[batch]) / groups;
  const outputs = Number(y.shape[batch]) / groups;
  const outer = kernel.slice(0, last);
  const shape = [groups * outputs, channels, ...kernel];
  if (Number(rows.shape[1]) >= outputs && strides[last] === 1) {
    const shifted = axesFrom(0, kernel[last]).map((k) =>
      entriesFrom(entries, FIRST + last, -offset(last, k), input[last], 1),
    );
    const taps = reshape(product(rows, channelsOf(shifted, FIRST + last)), [
      groups,
      channels,
      ...outer,
      outputs,
      kernel[last],
    ]);
    return reshape(transpose(taps, [0, rank + 1, ...axesFrom(1, rank), rank + 2]), shape);
  }
  // With fewer rows than outputs, the shifts of x are the smaller ones. Otherwise there is one product per position
  // along the last axis, so that the largest unfolded tensor is never formed.
  const places = tapsOf(rows, last);
  const taps =
    Number(rows.shape[1]) < outputs
      ? product(channelsOf(places, FIRST + last), entries)
      : stack(
          places.map((parts) => product(concat(parts, { axis: FIRST + last }), entries)),
          { axis: 2 },
        );
  const ordered = transpose(reshape(taps, [groups, channels, ...kernel, outputs]), [
    0,
    rank + 2,
    ...axesFrom(1, rank + 1),
  ]);
  return reshape(ordered, shape);
}
