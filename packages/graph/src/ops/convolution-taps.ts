import type { Emitter } from "../onnx/emit.ts";
import { sizeOfShape } from "../shape.ts";
import { BLOCKS, channelsInBlocks } from "./convolution-blocks.ts";
import type { Convolution } from "./convolution-products.ts";
import { entriesAt, fitsOrder, flattened } from "./entries-in-order.ts";

/** The convolution that makes a gradient to weights. */
export interface WeightsConvolution {
  /** Entries of the leading axes; undefined where only a run knows them, and for a batch of whole blocks. */
  readonly short: number | undefined;
  /** Blocks of entries, where the batch is whole blocks and their number is known. */
  readonly blocks?: number;
  readonly channels: number;
  readonly outputs: number;
  /** Images of an entry of the leading axes, one below the other; each is an entry here. */
  readonly planes: number;
  /** The convolution whose weights these are. */
  readonly convolution: Convolution;
}

/** Rows after the last one of x that a window covers; negative where no window covers some of its own. */
export function rowsAfter({ kernel, strides, dilations, before, input, output }: Convolution) {
  const reached = output.map((size, i) => (size - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1);
  return { reached, after: reached.map((size, i) => size - before[i] - input[i]) };
}

/** The taps that the convolution makes, [outputs, channels, ...kernel]. */
function sizesOfTaps({ outputs, channels, convolution: { kernel } }: WeightsConvolution): number[] {
  return [outputs, channels, ...kernel];
}

/**
 * The channels whose columns alternate in an image, as those of a block do, so that the taps of all of them are one row of
 * the result: a block of them, or on one thread all where there are fewer. A row of three taps leaves most registers of the kernel
 * unused, and each row of a result reads all filters. Measured on an x86-64 server with AVX-512, 3 x 3 kernels on 8 x 8
 * images, time of that convolution with columns that alternate / channel by channel: from 16 channels to 16 0.66 on one
 * thread and 0.84 on two, from 32 to 32 0.8; on 32 x 32 images, 8 to 8 0.66 and 0.88, but there
 * several threads spend more on the order of the columns. With more taps, from 64 channels to 64, it gained nothing.
 */
export function alternatingChannels(
  emit: Pick<Emitter, "block" | "oneThread">,
  product: WeightsConvolution,
): number {
  const { channels, convolution } = product;
  const block = emit.block!;
  const alternate = convolution.dilations[1] === 1 && fitsOrder(sizeOfShape(sizesOfTaps(product)));
  if (!alternate) return 1;
  if (channels < block) return emit.oneThread ? channels : 1;
  return channels % block === 0 ? block : 1;
}

/** A tensor whose columns alternate between channels. */
export function columnsAlternating(emit: Emitter, x: string, alternating: number): string {
  if (alternating === 1) return x;
  if (alternating === emit.block) return channelsInBlocks(emit, x);
  return emit.once(`channels of ${x} last`, () => emit.node("Transpose", [x], { perm: [0, 2, 3, 1] }));
}

/**
 * x in blocks, of which the channels are the batch already and the entries the channels. Zeros go around it first: next to
 * padding, the kernel makes one position at a time.
 *
 * @param x [batch, channels, planes x rows, columns]
 * @returns [channels / alternating, entries, rows, columns x alternating]
 */
function batchOfChannels(emit: Emitter, x: string, product: WeightsConvolution): string {
  const { short, channels, planes, convolution } = product;
  const { before, input } = convolution;
  const alternating = alternatingChannels(emit, product);
  const { reached, after } = rowsAfter(convolution);
  const positions = planes * sizeOfShape(input);
  const ordered = columnsAlternating(emit, x, alternating);
  const batch = channels / alternating;
  const apart = () => emit.node("Reshape", [ordered, emit.integers([-1, batch, positions * alternating])]);
  const first = batch > 1 ? emit.node("Transpose", [apart()], { perm: [1, 0, 2] }) : ordered;
  const columns = input[1] * alternating;
  const moved = emit.node("Reshape", [first, emit.integers([batch, short ?? -1, input[0], columns])]);
  const around = (name: string, ends: readonly number[]) =>
    ends.some((end) => end !== 0) ? emit.node("Pad", [name, emit.integers(ends)]) : name;
  const sides = [before[1], after[1]].map((end) => end * alternating);
  if (short !== undefined) return around(moved, [0, 0, before[0], sides[0], 0, 0, after[0], sides[1]]);
  const block = emit.block!;
  const rows = emit.node("Reshape", [
    channelsInBlocks(emit, moved),
    emit.integers([-1, input[0], columns * block]),
  ]);
  const ends = [0, before[0], sides[0] * block, 0, after[0], sides[1] * block];
  return emit.node("Reshape", [
    around(rows, ends),
    emit.integers([batch, -1, reached[0], reached[1] * alternating]),
  ]);
}

/** The most blocks of filters of which the kernel makes one row at once. */
const BLOCKS_AT_ONCE = 4;
/** With more blocks of entries, their parts of the result are more than what threads gain. */
const MOST_PARTS = 16;

/**
 * The parts of the batch, each a group of channels, whose taps several threads make apart: blocks of entries, where all
 * channels alternate in one image. Threads share the rows of a result and the groups; of an odd number of rows, one of
 * two threads makes one more. The kernel adds up each block of channels by itself, and then the blocks in their order, so
 * that the sums are the same, bit for bit. Measured on two cores of an x86-64 server with AVX-512, 3 x 3 kernels, 16
 * channels to 16, 32 images of 32 x 32: 0.79 of the time.
 */
export function partsOf(emit: Pick<Emitter, "block" | "oneThread">, product: WeightsConvolution): number {
  const { blocks = 1, channels, outputs, convolution } = product;
  const filters = Math.ceil(outputs / emit.block! / BLOCKS_AT_ONCE);
  const isOdd = (filters * convolution.kernel[0]) % 2 === 1;
  const isOne = alternatingChannels(emit, product) === channels;
  return !emit.oneThread && isOne && isOdd && blocks % 2 === 0 && blocks <= MOST_PARTS ? blocks : 1;
}

/** y as weights: its channels, in blocks, are the filters, for each part of the batch. */
function weightsOfOutputs(emit: Emitter, inBlocks: string, product: WeightsConvolution): string {
  const { short, outputs, convolution } = product;
  const { output } = convolution;
  const block = emit.block!;
  const blocks = Math.ceil(outputs / block);
  const positions = sizeOfShape(output);
  const parts = partsOf(emit, product);
  const ordered = (sizes: readonly number[], perm: readonly number[]) =>
    emit.node("Transpose", [emit.node("Reshape", [inBlocks, emit.integers(sizes)])], { perm });
  const filters = () => {
    if (short !== undefined)
      return blocks === 1 ? inBlocks : ordered([short, blocks, positions, block], [1, 0, 2, 3]);
    const entriesFirst = parts > 1 ? [0, 2, 3, 1, 4] : [2, 0, 3, 1, 4];
    return ordered([-1, block, blocks, positions, block], entriesFirst);
  };
  const entries = parts > 1 ? block : (short ?? -1);
  return emit.node("Reshape", [filters(), emit.integers([parts * blocks * block, entries, ...output])]);
}

/** The result of the convolution that makes a gradient to weights. */
export interface Taps {
  readonly name: string;
  readonly product: WeightsConvolution;
  /** The channels whose columns alternate in it. */
  readonly alternating: number;
}

/**
 * A gradient to weights as a convolution whose channels are the entries of the leading axes: x is its batch, y its weights,
 * and each tap one position of its result.
 *
 * @param x [batch, channels, planes x rows, columns]
 * @param y [entries, outputs, ...output], with its outputs in blocks
 */
export function tapsInBlocks(emit: Emitter, x: string, y: string, product: WeightsConvolution): Taps {
  const { strides, dilations, output, kernel } = product.convolution;
  const alternating = alternatingChannels(emit, product);
  const parts = partsOf(emit, product);
  const taps = emit.nodeOf(
    BLOCKS,
    "Conv",
    [batchOfChannels(emit, x, product), weightsOfOutputs(emit, y, product)],
    {
      strides: dilations,
      dilations: strides.with(1, strides[1] * alternating),
      pads: [0, 0, 0, 0],
      kernel_shape: output,
      group: parts,
    },
  );
  if (parts === 1) return { name: taps, product, alternating };
  const apart = emit.node("Reshape", [taps, emit.integers([parts, -1])]);
  const sums = emit.node("ReduceSum", [apart, emit.integers([0])], { keepdims: 0 });
  const filters = Math.ceil(product.outputs / emit.block!) * emit.block!;
  const sizes = [1, filters, kernel[0], kernel[1] * alternating];
  const name = emit.node("Reshape", [sums, emit.integers(sizes)]);
  return { name, product, alternating };
}

/**
 * The taps of some outputs at some rows and columns of the kernel.
 *
 * @returns a vector of [outputs, channels, ...kernel]
 */
export function tapsOf(
  emit: Emitter,
  { name, product: { channels, outputs, convolution }, alternating }: Taps,
  from: { readonly output: number; readonly row: number },
  sizes: readonly number[],
): string {
  const block = emit.block!;
  const [height, width] = convolution.kernel;
  const blocks = Math.ceil(outputs / block);
  const [ownOutputs, , rows, columns] = sizes;
  const places: number[] = [];
  for (let o = from.output; o < from.output + ownOutputs; o++)
    for (let c = 0; c < channels; c++)
      for (let row = from.row; row < from.row + rows; row++)
        for (let column = 0; column < columns; column++) {
          const image = Math.floor(c / alternating) * blocks + Math.floor(o / block);
          const position = (image * height + row) * width + column;
          places.push((position * alternating + (c % alternating)) * block + (o % block));
        }
  const key = `taps ${sizes} of ${[outputs, channels, height, width, alternating]} from ${from.output}, ${from.row}`;
  return entriesAt(emit, flattened(emit, name), key, places);
}

/** All taps, [outputs, channels, ...kernel]. */
export function allTaps(emit: Emitter, taps: Taps): string {
  const { name, product } = taps;
  const sizes = sizesOfTaps(product);
  if (fitsOrder(sizeOfShape(sizes)))
    return emit.node("Reshape", [tapsOf(emit, taps, { output: 0, row: 0 }, sizes), emit.integers(sizes)]);
  const inOrder = emit.nodeOf(BLOCKS, "ReorderOutput", [name], { channels: product.outputs });
  return emit.node("Transpose", [inOrder], { perm: [1, 0, 2, 3] });
}
