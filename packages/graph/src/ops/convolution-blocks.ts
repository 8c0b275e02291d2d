import { usedBy } from "../dependence.ts";
import type { Emitter } from "../onnx/emit.ts";
import { sizeOfShape } from "../shape.ts";
import { type Application, inputOp, type Tensor } from "../tensor.ts";
import { blockRows, rowsInOrder } from "./convolution-block-rows.ts";
import type { Convolution } from "./convolution-products.ts";
import { entriesAt, fitsOrder, flattened, sourceOf } from "./entries-in-order.ts";
import { productOperations } from "./product-operations.ts";

/**
 * ONNX Runtime's operators on tensors whose channels are in blocks, as many as a vector register holds. Its optimizer
 * introduces them where weights are constant; weights that are trained need them written out.
 */
export const BLOCKS = "com.microsoft.nchwc";

/** Below this many operations, putting weights and channels in order costs more than the faster kernel saves. */
const LEAST_WORK = 1e6;
/** The same for the entries under a window, of which the kernel makes one output. */
const LEAST_TAPS = 36;

export function attributesOf({ strides, dilations, before, after, kernel, groups }: Convolution) {
  return { strides, dilations, pads: [...before, ...after], kernel_shape: kernel, group: groups };
}

/** Whether a tensor depends on an input. */
export function varies(tensor: Tensor): boolean {
  const seen = new Set<Tensor>();
  const stack = [tensor];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.op === inputOp) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    stack.push(...usedBy(next));
  }
  return false;
}

/**
 * Whether a float32 convolution with weights that are no constants is faster on blocks of channels, with its tensors put
 * in blocks and back. Measured on one thread of an x86-64 server with AVX-512 (blocks of 16), time in blocks / time of ONNX
 * Runtime's Conv, 3 x 3 kernels: 0.52 to 0.68 from 16 to 64 channels; with several rows in a block 0.56 to 0.65 from 8 to
 * 8, 0.52 from 8 to 4, 0.32 from 16 to 2, 0.37 from 16 to 1, 0.61 from 8 to 1; 1.1 from 2 to 16; 1.1 to 1.4 for 1 x 1
 * kernels; 1.0 to 1.3 for less than a million operations. On two threads 0.6 to 0.8.
 */
export function fitsBlocks({ inputs: [x, w], attributes, ...type }: Tensor, block: number): boolean {
  const convolution = attributes as Convolution;
  const { kernel, groups } = convolution;
  const [outputs, channels, height, width] = w.shape.map(Number);
  return (
    x.dtype === "f32" &&
    kernel.length === 2 &&
    groups === 1 &&
    height * width > 1 &&
    channels * height * width >= LEAST_TAPS &&
    (channels < block || channels % block === 0) &&
    outputs * blockRows(outputs, block, convolution).rows * (channels < block ? 4 : 8) >= block &&
    varies(w) &&
    productOperations({ ...type, inputs: [x, w], attributes })! >= LEAST_WORK
  );
}

export function worksInBlocks({ block }: Emitter, { output }: Application<Convolution>): boolean {
  return block !== undefined && fitsBlocks(output, block);
}

/** A tensor with its channels in blocks, for all convolutions of one graph: ONNX Runtime does not merge equal ones. */
export function channelsInBlocks(emit: Emitter, x: string): string {
  return emit.once(`channels of ${x} in blocks`, () => emit.nodeOf(BLOCKS, "ReorderInput", [x]));
}

/** A tensor with so many zeros behind each of its axes. */
export function filled(emit: Emitter, name: string, counts: readonly number[]): string {
  if (counts.every((count) => count === 0)) return name;
  return emit.node("Pad", [name, emit.integers([...counts.map(() => 0), ...counts])]);
}

/** Weights with their outputs last, in whole blocks: [blocks, channels x taps, block]. */
function outputsLast(
  emit: Emitter,
  w: string,
  [outputs, ...others]: readonly number[],
  whole: number,
): string {
  const block = emit.block!;
  const blocks = emit.node("Reshape", [
    filled(emit, w, [whole - outputs, ...others.map(() => 0)]),
    emit.integers([whole / block, block, sizeOfShape(others)]),
  ]);
  return emit.node("Transpose", [blocks], { perm: [0, 2, 1] });
}

/**
 * Weights whose outputs are last, [blocks, channels x taps, block], with the channels of a block, where there are as many,
 * behind the taps. They go there in a copy of its own: ONNX Runtime makes two copies three times as fast as both in one.
 */
function tapsBeforeChannels(emit: Emitter, last: string, shape: readonly number[]): string {
  const block = emit.block!;
  const [whole, channels, ...kernel] = shape;
  const sizes = [(whole / block) * (channels / block), block, sizeOfShape(kernel), block];
  const ordered =
    channels >= block
      ? emit.node("Transpose", [emit.node("Reshape", [last, emit.integers(sizes)])], { perm: [0, 2, 1, 3] })
      : last;
  return emit.node("Reshape", [ordered, emit.integers(shape)]);
}

/** Weights [outputs, channels, ...kernel] in the order of blocks; both are whole blocks. */
export function wholeWeightsInBlocks(emit: Emitter, w: string, shape: readonly number[]): string {
  return tapsBeforeChannels(emit, outputsLast(emit, w, shape, shape[0]), shape);
}

/** The sizes of weights as the kernel reads them, and whether each is taken from its place. */
function sizesInBlocks({ inputs: [, w], attributes }: Tensor, block: number) {
  const [outputs, channels, ...kernel] = w.shape.map(Number);
  const several = blockRows(outputs, block, attributes as Convolution);
  const whole = Math.ceil((several.rows * outputs) / block) * block;
  const sizes = [whole, channels, ...several.convolution.kernel];
  return {
    outputs,
    channels,
    kernel,
    several,
    sizes,
    byPlaces: several.rows > 1 || fitsOrder(sizeOfShape(sizes)),
  };
}

/** The tensor from whose entries a convolution in blocks makes its weights: what they are moved from, or themselves. */
export function weightsSource(convolution: Tensor, block: number): Tensor {
  const [, w] = convolution.inputs;
  return sizesInBlocks(convolution, block).byPlaces ? sourceOf(w).source : w;
}

/**
 * Weights [whole, channels, height, width] in the order of blocks, each as the place that it is taken from; the outputs and,
 * where there are as many, the channels of a block are last.
 */
export function inOrderOfBlocks(
  [whole, channels, height, width]: readonly number[],
  block: number,
  placeOf: (filter: number, channel: number, row: number, column: number) => number,
): number[] {
  const inner = channels >= block ? block : 1;
  const places: number[] = [];
  for (let first = 0; first < whole; first += block)
    for (let from = 0; from < channels; from += inner)
      for (let tap = 0; tap < height * width; tap++)
        for (let channel = from; channel < from + inner; channel++)
          for (let filter = first; filter < first + block; filter++)
            places.push(placeOf(filter, channel, Math.floor(tap / width), tap % width));
  return places;
}

/**
 * Where each of the weights in blocks is among those of a convolution, [outputs, channels, ...kernel]; one place after the
 * last stands for 0. Filter o for row r is w[o] moved down by r strides, among zeros.
 */
function placesInBlocks(convolution: Tensor, block: number): number[] {
  const { outputs, channels, kernel, several, sizes } = sizesInBlocks(convolution, block);
  const [height, width] = kernel;
  const down = several.convolution.strides[0] / several.rows;
  return inOrderOfBlocks(sizes, block, (filter, channel, below, column) => {
    const row = below - Math.floor(filter / outputs) * down;
    const present = filter < several.rows * outputs && row >= 0 && row < height;
    return present
      ? (((filter % outputs) * channels + channel) * height + row) * width + column
      : outputs * channels * height * width;
  });
}

/**
 * Weights of the given sizes, from their places among those of a tensor, whose source has the name; one place after the last
 * stands for 0.
 */
export function weightsAt(
  emit: Emitter,
  name: string,
  w: Tensor,
  { sizes, places: chosen }: { readonly sizes: readonly number[]; readonly places: readonly number[] },
): string {
  const { places } = sourceOf(w);
  const inSource = chosen.map((place) => places[place] ?? places.length);
  const withZero = () =>
    emit.once(`${name} and a zero`, () => emit.node("Pad", [flattened(emit, name), emit.integers([0, 1])]));
  const entries = inSource.includes(places.length) ? withZero() : flattened(emit, name);
  return emit.node("Reshape", [
    entriesAt(emit, entries, `weights at ${inSource}`, inSource),
    emit.integers(sizes),
  ]);
}

/** The weights of a convolution in blocks, from those that `weightsSource` names. */
function weightsInBlocks(emit: Emitter, name: string, convolution: Tensor): string {
  const block = emit.block!;
  const { outputs, channels, kernel, sizes, byPlaces } = sizesInBlocks(convolution, block);
  if (!byPlaces)
    return tapsBeforeChannels(emit, outputsLast(emit, name, [outputs, channels, ...kernel], sizes[0]), sizes);
  return weightsAt(emit, name, convolution.inputs[1], { sizes, places: placesInBlocks(convolution, block) });
}

/**
 * A convolution on blocks of channels. Fewer channels than a block stay as they are; few outputs are computed for several
 * rows at once. What they lack for whole blocks is filled up, and cut off from the result.
 */
export function lowerInBlocks(
  emit: Emitter,
  [x, w, bias]: readonly string[],
  { output }: Application<Convolution>,
): string {
  const block = emit.block!;
  const { outputs, channels, several, sizes } = sizesInBlocks(output, block);
  const { rows, convolution } = several;
  const rest = sizes[0] - rows * outputs;
  const weights = weightsInBlocks(emit, w, output);
  const entries = channels >= block ? channelsInBlocks(emit, x) : x;
  const biasOfRows = (name: string) => (rows > 1 ? emit.node("Tile", [name, emit.integers([rows])]) : name);
  const biases = bias === undefined ? [] : [filled(emit, biasOfRows(bias), [rest])];
  const result = emit.nodeOf(BLOCKS, "Conv", [entries, weights, ...biases], attributesOf(convolution));
  const inOrder = emit.nodeOf(BLOCKS, "ReorderOutput", [result], { channels: rows * outputs });
  return rows > 1 ? rowsInOrder(emit, inOrder, outputs, several) : inOrder;
}
