import type { Emitter } from "../onnx/emit.ts";
import { isStatic, sizeOfShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { attributesOf, BLOCKS, filled, inOrderOfBlocks, weightsAt } from "./convolution-blocks.ts";
import type { Convolution } from "./convolution-products.ts";
import { rowsAfter } from "./convolution-taps.ts";
import { withExchanged } from "./convolution-weights-exchanged.ts";
import { entriesAt, fitsOrder, flattened } from "./entries-in-order.ts";

// Two samples whose channels fill half of a block each are one image with the channels of both: memory has them in this
// order already. Its convolutions have each sample's weights for its own channels, and zeros between both.

/** Samples of one image. */
const SAMPLES = 2;
/** With fewer samples, the gradient to weights adds up too few products. */
const LEAST_SAMPLES = 8;
/** The rows of taller kernels are mostly shared where one sample's rows fill a block, so that pairs take more products. */
const TALLEST = 3;
/** With more parts of the batch, their results are more than what blocks gain. */
const MOST_PARTS = 16;

/** Whether two samples are at most one block: [an even number of samples, channels, rows, columns] in float32. */
function arePairs({ dtype, shape }: TensorType, block: number): boolean {
  return (
    dtype === "f32" &&
    shape.length === 4 &&
    isStatic(shape) &&
    Number(shape[0]) >= LEAST_SAMPLES &&
    Number(shape[0]) % SAMPLES === 0 &&
    SAMPLES * Number(shape[1]) <= block
  );
}

/** Whether two samples of a tensor fill a block. */
export function fillsBlock(tensor: TensorType, block: number): boolean {
  return arePairs(tensor, block) && SAMPLES * Number(tensor.shape[1]) === block;
}

/** The shape of a tensor whose samples are in pairs. */
export function pairedShape({ shape }: TensorType): number[] {
  const [samples, channels, ...sizes] = shape.map(Number);
  return [samples / SAMPLES, SAMPLES * channels, ...sizes];
}

/** Whether images x and y of a convolution of two axes can be in pairs; one of them fills its blocks. */
function fitPair(x: TensorType, y: TensorType, { kernel, groups }: Convolution, block: number): boolean {
  return (
    kernel.length === 2 &&
    kernel[0] <= TALLEST &&
    groups === 1 &&
    arePairs(x, block) &&
    arePairs(y, block) &&
    (fillsBlock(x, block) || fillsBlock(y, block))
  );
}

/** Channels that are half of a block on some processor. */
const HALVES: ReadonlySet<number> = new Set([4, 8]);

/** Whether a gradient to weights can be made of pairs of samples on some processor. */
export function suitsPairs(x: TensorType, y: TensorType, convolution: Convolution): boolean {
  const block = SAMPLES * Math.max(...[x, y].map(({ shape }) => Number(shape.at(-3))));
  return convolution.kernel.length === 2 && HALVES.has(block / SAMPLES) && fitPair(x, y, convolution, block);
}

/** Whether a convolution can work on pairs of samples. */
export function canPair({ inputs: [x, w], attributes, ...y }: Tensor, block: number): boolean {
  const weights = sizeOfShape(w.shape.map(Number));
  return fitPair(x, y, attributes as Convolution, block) && fitsOrder(SAMPLES * SAMPLES * weights);
}

/** The parts of a batch of pairs whose taps are made apart: an even number, which two threads share, where there is one. */
function partsOf(images: number, block: number): number | undefined {
  const divisors = Array.from({ length: MOST_PARTS }, (_, i) => i + 1).filter(
    (parts) => images % parts === 0 && images / parts < block,
  );
  return divisors.find((parts) => parts % 2 === 0) ?? divisors[0];
}

/** A gradient to weights as its product is made: the image with the channels as they are, and the other as filters. */
interface PairedProduct {
  /** Whether x has the filters instead of y. */
  readonly exchanged: boolean;
  readonly convolution: Convolution;
  readonly parts: number;
}

/** How the gradient to weights of pairs is made; undefined where it cannot be. */
export function pairedProduct(node: Tensor, block: number): PairedProduct | undefined {
  const { inputs, shape, attributes } = node;
  const [x, y] = inputs;
  if (!fitPair(x, y, attributes as Convolution, block)) return undefined;
  const exchanged = !fillsBlock(y, block);
  const product = exchanged ? withExchanged(node) : node;
  const parts = partsOf(Number(x.shape[0]) / SAMPLES, block);
  if (product === undefined || parts === undefined) return undefined;
  const convolution = product.attributes as Convolution;
  const fits = convolution.dilations[1] === 1 && fitsOrder(SAMPLES * parts * sizeOfShape(shape.map(Number)));
  return fits ? { exchanged, convolution, parts } : undefined;
}

/** A convolution of pairs, its operands by their names. */
export interface PairedOperands {
  /** In blocks where its pairs fill them, otherwise in the shape of pairs. */
  readonly x: string;
  /** The weights, or what they are moved from. */
  readonly weights: string;
  readonly bias?: string;
  readonly rectified: boolean;
}

/** Each sample's weights for its own channels, in the order of blocks. */
function weightsOfPairs(emit: Emitter, name: string, w: Tensor): string {
  const [outputs, channels, height, width] = w.shape.map(Number);
  const sizes = [emit.block!, SAMPLES * channels, height, width];
  const places = inOrderOfBlocks(sizes, emit.block!, (filter, channel, row, column) => {
    const sameSample = Math.floor(filter / outputs) === Math.floor(channel / channels);
    const place = (((filter % outputs) * channels + (channel % channels)) * height + row) * width + column;
    return sameSample ? place : outputs * channels * height * width;
  });
  return weightsAt(emit, name, w, { sizes, places });
}

/** A convolution of pairs of samples; its result is in blocks. */
export function convolvePairs(
  emit: Emitter,
  { x, weights, bias, rectified }: PairedOperands,
  { inputs: [, w], attributes }: Tensor,
): string {
  const rest = emit.block! - SAMPLES * Number(w.shape[0]);
  const biases =
    bias === undefined ? [] : [filled(emit, emit.node("Tile", [bias, emit.integers([SAMPLES])]), [rest])];
  return emit.nodeOf(BLOCKS, "Conv", [x, weightsOfPairs(emit, weights, w), ...biases], {
    ...attributesOf(attributes as Convolution),
    ...(rectified ? { activation: "Relu" } : {}),
  });
}

/**
 * The gradient to weights from pairs of samples, as a convolution of an image with filters over the whole output. Their
 * channels meet in all ways; those of the same sample are added up.
 *
 * @param image in blocks where its pairs fill them, otherwise in the shape of pairs
 * @param filters in blocks
 * @returns [outputs, channels, ...kernel]
 */
export function weightsFromPairs(
  emit: Emitter,
  { image, filters }: { readonly image: string; readonly filters: string },
  node: Tensor,
): string {
  const block = emit.block!;
  const { exchanged, convolution, parts } = pairedProduct(node, block)!;
  const [outputs, channels, height, width] = node.shape.map(Number);
  const { strides, dilations, before, input, output } = convolution;
  const images = Number(node.inputs[0].shape[0]) / SAMPLES;
  const lanes = SAMPLES * (exchanged ? outputs : channels);
  const last = lanes === block ? image : emit.node("Transpose", [image], { perm: [0, 2, 3, 1] });
  const alternating = emit.node("Reshape", [last, emit.integers([1, images, input[0], input[1] * lanes])]);
  const { after } = rowsAfter(convolution);
  const ends = [0, 0, before[0], before[1] * lanes, 0, 0, after[0], after[1] * lanes];
  const around = ends.some((end) => end !== 0)
    ? emit.node("Pad", [alternating, emit.integers(ends)])
    : alternating;
  const ofParts = emit.integers([parts * block, images / parts, ...output]);
  const taps = emit.nodeOf(BLOCKS, "Conv", [around, emit.node("Reshape", [filters, ofParts])], {
    strides: dilations,
    dilations: strides.with(1, strides[1] * lanes),
    pads: [0, 0, 0, 0],
    kernel_shape: output,
    group: parts,
  });
  const places: number[] = [];
  for (let part = 0; part < parts; part++)
    for (let sample = 0; sample < SAMPLES; sample++)
      for (let o = 0; o < outputs; o++)
        for (let c = 0; c < channels; c++)
          for (let row = 0; row < height; row++)
            for (let column = 0; column < width; column++) {
              const [down, right] = exchanged ? [height - 1 - row, width - 1 - column] : [row, column];
              const [ofX, ofY] = [sample * channels + c, sample * outputs + o];
              const [lane, filter] = exchanged ? [ofY, ofX] : [ofX, ofY];
              places.push((((part * height + down) * width + right) * lanes + lane) * block + filter);
            }
  const key = `taps of pairs ${[outputs, channels, height, width, parts, exchanged]}`;
  const each = emit.node("Reshape", [
    entriesAt(emit, flattened(emit, taps), key, places),
    emit.integers([SAMPLES * parts, -1]),
  ]);
  const sums = emit.node("ReduceSum", [each, emit.integers([0])], { keepdims: 0 });
  return emit.node("Reshape", [sums, emit.integers(node.shape.map(Number))]);
}
