import type { Emitter } from "../onnx/emit.ts";
import { sizeOfShape } from "../shape.ts";
import type { Application, Tensor } from "../tensor.ts";
import { axesFrom, type Convolution } from "./convolution-products.ts";
import { suitsBlocks } from "./convolution-weights-blocks.ts";
import { elements } from "./product-operations.ts";
import { leadingOf } from "./windows.ts";

/** Entries of the leading dimensions below which gathering their rows is slower than cutting and joining tensors. */
const LEAST_BATCH = 16;
/** Indices beyond which the model would grow by more than 256 KiB for a convolution. */
const MOST_INDICES = 2 ** 15;

/** Which entries of a tensor with spatial axes meet those of another one: for each tap, at each position. */
interface Meeting {
  readonly sizes: readonly number[];
  readonly taps: readonly number[];
  readonly positions: readonly number[];
  /** The place along an axis, which may be outside of the tensor. */
  place(axis: number, position: number, tap: number): number;
}

/** Along each axis, for each tap, the place of each position; -1 outside of the tensor. */
function tablesOf({ sizes, taps, positions, place }: Meeting): number[][][] {
  return sizes.map((size, axis) =>
    axesFrom(0, taps[axis]).map((tap) =>
      axesFrom(0, positions[axis]).map((position) => {
        const at = place(axis, position, tap);
        return at >= 0 && at < size ? at : -1;
      }),
    ),
  );
}

/** Row-major places, taps before positions; places outside of the tensor are the one after its last. */
function placesOf(sizes: readonly number[], tables: readonly number[][][]): number[] {
  const outside = sizeOfShape(sizes);
  const choices = tables.reduce<readonly number[][][]>(
    (chosen, table) => chosen.flatMap((before) => table.map((row) => [...before, row])),
    [[]],
  );
  return choices.flatMap((rows) => {
    let places = [0];
    rows.forEach((row, axis) => {
      places = places.flatMap((before) =>
        row.map((at) => (before < 0 || at < 0 ? -1 : before * sizes[axis] + at)),
      );
    });
    return places.map((place) => (place < 0 ? outside : place));
  });
}

/**
 * How x and y meet. Shifting x along all axes but the last one, and y back along the last one, takes fewer copies than
 * shifting x along all of them; not with strides along the last axis, or where x has few rows.
 */
function meetings(
  { kernel, strides, dilations, before, input, output }: Convolution,
  channels: number,
  outputs: number,
): { readonly x: Meeting; readonly y: Meeting } {
  const last = kernel.length - 1;
  const ones = kernel.map(() => 1);
  const shift = (axis: number, tap: number) => tap * dilations[axis] - before[axis];
  const under = (axis: number, position: number, tap: number) => position * strides[axis] + shift(axis, tap);
  if (strides[last] > 1 || channels * sizeOfShape(kernel.slice(0, last)) < outputs)
    return {
      x: { sizes: input, taps: kernel, positions: output, place: under },
      y: { sizes: output, taps: ones, positions: output, place: (_, position) => position },
    };
  const positions = output.with(last, input[last]);
  return {
    x: {
      sizes: input,
      taps: kernel.with(last, 1),
      positions,
      place: (axis, position, tap) => (axis === last ? position : under(axis, position, tap)),
    },
    y: {
      sizes: output,
      taps: ones.with(last, kernel[last]),
      positions,
      place: (axis, position, tap) => (axis === last ? position - shift(axis, tap) : position),
    },
  };
}

const countIndices = ({ taps, positions }: Meeting) => sizeOfShape([...taps, ...positions]);

/**
 * Whether the gradient to the weights is faster with shifted tensors gathered, each by one operation that ONNX Runtime
 * splits over threads, than cut, padded and joined; or in blocks, where a processor has them. Measured on an x86-64 server
 * over 3 x 3 and 5 x 5 kernels, 8 to 64 channels and strides of 1 and 2, gathered with 32 entries and more: 0.75 to 0.93 of
 * the time on one thread, 0.61 to 0.92 on two; with 8 entries 1.1 and 1.0, with one 4.7 and 2.6.
 */
export function fitsGathering(x: Tensor, y: Tensor, convolution: Convolution): boolean {
  const rank = convolution.kernel.length;
  const batch = elements(leadingOf(x.shape, rank + 1));
  const [channels, outputs] = [x, y].map(({ shape }) => Number(shape.at(-rank - 1)));
  const { x: forX, y: forY } = meetings(convolution, channels, outputs);
  return (
    x.dtype === "f32" &&
    convolution.groups === 1 &&
    (batch >= LEAST_BATCH || suitsBlocks(x, y, convolution)) &&
    countIndices(forX) <= MOST_INDICES &&
    countIndices(forY) <= MOST_INDICES
  );
}

/** The rows of a product: for each channel and tap, the entries at all positions, those of the leading axes last. */
function gathered(emit: Emitter, name: string, channels: number, meeting: Meeting): string {
  const { sizes, taps } = meeting;
  const size = sizeOfShape(sizes);
  const flat = emit.node("Reshape", [name, emit.integers([-1, channels, size])]);
  const rowsOf = (t: string) => emit.node("Reshape", [t, emit.integers([channels * sizeOfShape(taps), -1])]);
  const inOrder = (t: string) => emit.node("Transpose", [t], { perm: [1, 2, 0] });
  const tables = tablesOf(meeting);
  const places = placesOf(sizes, tables);
  if (places.length === size && places.every((place, i) => place === i)) return rowsOf(inOrder(flat));
  const around = places.includes(size) ? emit.node("Pad", [flat, emit.integers([0, 0, 0, 0, 0, 1])]) : flat;
  const indices = emit.manyIntegers(`places ${sizes} ${JSON.stringify(tables)}`, places);
  return rowsOf(emit.node("Gather", [inOrder(around), indices], { axis: 1 }));
}

/** The sum over leading axes and window positions, as one product of matrices. */
export function lowerWeights(
  emit: Emitter,
  [x, y]: readonly string[],
  { output: { shape }, attributes }: Application<Convolution>,
): string {
  const [outputs, channels, ...kernel] = shape.map(Number);
  const meeting = meetings(attributes, channels, outputs);
  const product = emit.node(
    "Gemm",
    [gathered(emit, x, channels, meeting.x), gathered(emit, y, outputs, meeting.y)],
    { transB: 1 },
  );
  const rank = kernel.length;
  const taps = emit.node("Reshape", [
    product,
    emit.integers([channels, ...meeting.x.taps, outputs, ...meeting.y.taps]),
  ]);
  // Along each axis, either x or y has the taps, and the other has one.
  const order = [rank + 1, 0, ...axesFrom(0, rank).flatMap((axis) => [1 + axis, rank + 2 + axis])];
  return emit.node("Reshape", [
    emit.node("Transpose", [taps], { perm: order }),
    emit.integers(shape.map(Number)),
  ]);
}
