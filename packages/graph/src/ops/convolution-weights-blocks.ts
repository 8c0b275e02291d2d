import type { Emitter } from "../onnx/emit.ts";
import { isStatic, type Shape, sizeOfShape } from "../shape.ts";
import type { Application, Tensor } from "../tensor.ts";
import { blockRows, rowsApart } from "./convolution-block-rows.ts";
import { channelsInBlocks } from "./convolution-blocks.ts";
import { axesFrom, type Convolution } from "./convolution-products.ts";
import {
  allTaps,
  alternatingChannels,
  columnsAlternating,
  tapsInBlocks,
  tapsOf,
} from "./convolution-taps.ts";
import { withExchanged } from "./convolution-weights-exchanged.ts";
import { productOperations } from "./product-operations.ts";
import { leadingOf } from "./windows.ts";

/** Below this many operations, ordering both tensors costs as much as gathering their shifts. */
const LEAST_WORK = 1e7;
/** The same where the batch is shorter than a block, and shifts are cut and joined instead. */
const LEAST_WORK_SHORT = 2e6;
/** The kernel adds up too few products with fewer entries of the batch. */
const LEAST_ENTRIES = 8;
/** Outputs are filled up to whole blocks; with other numbers of them, most of a block can be empty. */
const OUTPUTS_MULTIPLE = 8;
/** The kernel makes the taps of a row at once; fewer leave most of its registers unused. */
const LEAST_TAPS = 3;
/** Results with fewer entries than 20 x 20 leave too short rows where several of them share a block. */
const LEAST_POSITIONS = 400;
/** The batch of that convolution is short with fewer, while ordering the outputs takes as long. */
const LEAST_CHANNELS = 8;

/** The entries of the leading axes; undefined where only a run knows them. */
function batchOf({ shape }: Tensor, { kernel }: Convolution): number | undefined {
  const leading = leadingOf(shape, kernel.length + 1);
  return isStatic(leading) ? sizeOfShape(leading) : undefined;
}

/** Whether a batch is long enough, but shorter than a block; its entries then stay as they are. */
function isShort(batch: number | undefined, block: number): boolean {
  return batch !== undefined && batch >= LEAST_ENTRIES && batch < block;
}

/** Whether a gradient to weights can be faster in blocks, on a processor that has them. */
export function suitsBlocks(x: Tensor, y: Tensor, convolution: Convolution): boolean {
  const { kernel, groups } = convolution;
  const [channels, outputs] = [x, y].map(({ shape }) => Number(shape.at(-kernel.length - 1)));
  const batch = batchOf(x, convolution);
  return (
    x.dtype === "f32" &&
    kernel.length === 2 &&
    groups === 1 &&
    kernel[1] >= LEAST_TAPS &&
    (batch === undefined || batch >= LEAST_ENTRIES) &&
    outputs % OUTPUTS_MULTIPLE === 0 &&
    outputs >= channels &&
    channels >= LEAST_CHANNELS
  );
}

/**
 * Whether the gradient to the weights is faster as a convolution on blocks than as a product of shifts. Measured on an
 * x86-64 server with AVX-512 (blocks of 16), 3 x 3 kernels, batches of 16 to 128, time in blocks / time gathered: 0.72 to
 * 1.04 on one thread and 0.62 to 0.94 on two, from 8 to 64 channels with at least as many outputs, strides of 1 and 2; 0.96
 * to 1.15 from one and three channels; 1.1 and 1.2 from 48 channels to 16; 1.6 and 1.3 for 1 x 1 kernels. From 8 channels
 * to 8, two rows in a block: 0.60 to 0.82 from 28 x 28 entries, 0.93 for 20 x 20, 0.77 to 1.2 for 14 x 14. Batches of 8
 * and 12, time in blocks / time with shifts cut and joined, from 8 to 32 channels: 0.64 to 0.98 on one thread, 0.43 to 0.76
 * on two; 0.5 and 0.3 with strides of 2.
 */
export function fitsWeightBlocks({ inputs: [x, y], attributes, ...type }: Tensor, block: number): boolean {
  const convolution = attributes as Convolution;
  const [outputs] = type.shape.map(Number);
  const batch = batchOf(x, convolution);
  const short = isShort(batch, block);
  const { rows } = blockRows(outputs, block, convolution);
  const whole =
    (batch === undefined || batch % block === 0) &&
    (rows * outputs) % block === 0 &&
    (rows === 1 || sizeOfShape(convolution.output) >= LEAST_POSITIONS);
  return (
    suitsBlocks(x, y, convolution) &&
    (short || whole) &&
    productOperations({ ...type, inputs: [x, y], attributes })! >= (short ? LEAST_WORK_SHORT : LEAST_WORK)
  );
}

/** Whether leading axes have whole blocks of entries, in a run. */
function hasWholeBlocks(emit: Emitter, leading: Shape): string {
  return emit.once(`whole blocks of ${leading}`, () => {
    // Without entries there is no block.
    const some = emit.node("Max", [emit.elementCount(leading), emit.scalar("i64", 1, 0)]);
    const rest = emit.node("Mod", [some, emit.scalar("i64", emit.block!, 0)]);
    return emit.node("Equal", [rest, emit.scalar("i64", 0, 0)]);
  });
}

/**
 * The gradient to the weights in blocks. Where only a run knows how many entries there are, it is `otherwise` unless they
 * are whole blocks.
 */
export function lowerWeightsInBlocks(
  emit: Emitter,
  names: readonly string[],
  application: Application<Convolution>,
  otherwise: (branch: Emitter) => string,
): string {
  const { inputs, output, attributes } = application;
  if (batchOf(inputs[0], attributes) !== undefined) return weightsInBlocks(emit, names, application);
  channelsBeforeBranches(emit, names, application);
  return emit.either(
    hasWholeBlocks(emit, leadingOf(inputs[0].shape, attributes.kernel.length + 1)),
    (branch) => weightsInBlocks(branch, names, application),
    otherwise,
    output,
  );
}

/**
 * Whether the gradient is faster in blocks with x and y exchanged. Measured as for `fitsWeightBlocks`, on one thread, from 32
 * to 64 channels to 16: 0.52 to 0.81 of the time gathered.
 */
export function fitsExchanged(node: Tensor, block: number): boolean {
  const other = withExchanged(node);
  return other !== undefined && fitsWeightBlocks(other, block);
}

/** The convolution that makes a gradient to weights, and the rows of y that it takes side by side. */
function productOf(
  emit: Emitter,
  { inputs: [from], output: { shape }, attributes }: Application<Convolution>,
) {
  const [outputs, channels] = shape.map(Number);
  const several = blockRows(outputs, emit.block!, attributes);
  const { rows, convolution } = several;
  const batch = batchOf(from, attributes);
  const isWhole = batch !== undefined && batch % emit.block! === 0;
  return {
    several,
    product: {
      short: isShort(batch, emit.block!) ? batch : undefined,
      blocks: isWhole ? batch / emit.block! : undefined,
      channels,
      outputs: rows * outputs,
      planes: 1,
      convolution,
    },
  };
}

/**
 * Puts channels in blocks that the gradient reads in blocks: what is made outside of branches serves the convolutions of the
 * same tensors, too.
 */
function channelsBeforeBranches(
  emit: Emitter,
  [x, y]: readonly string[],
  application: Application<Convolution>,
): void {
  if (application.inputs[0].shape.length !== 4) return;
  const { several, product } = productOf(emit, application);
  columnsAlternating(emit, x, alternatingChannels(emit, product));
  if (several.rows === 1) channelsInBlocks(emit, y);
}

/** The gradient to the weights in blocks. Few outputs are cut into rows that fill a block, as in lowerInBlocks. */
function weightsInBlocks(
  emit: Emitter,
  [x, y]: readonly string[],
  application: Application<Convolution>,
): string {
  const { inputs, output, attributes } = application;
  const sizes = output.shape.map(Number);
  const [outputs, channels] = sizes;
  const { several, product } = productOf(emit, application);
  const { rows, convolution } = several;
  const flat = (name: string, entries: number, lengths: readonly number[]) =>
    inputs[0].shape.length === 4
      ? name
      : emit.node("Reshape", [name, emit.integers([-1, entries, ...lengths])]);
  const ofRows = rows > 1 ? rowsApart(emit, y, outputs, several) : flat(y, outputs, attributes.output);
  const entries = flat(x, channels, attributes.input);
  const taps = tapsInBlocks(emit, entries, channelsInBlocks(emit, ofRows), product);
  if (rows === 1) return allTaps(emit, taps);
  const down = convolution.strides[0] / rows;
  const sum = axesFrom(0, rows)
    .map((row) => tapsOf(emit, taps, { output: row * outputs, row: row * down }, sizes))
    .reduce((total, next) => emit.node("Add", [total, next]));
  return emit.node("Reshape", [sum, emit.integers(sizes)]);
}
