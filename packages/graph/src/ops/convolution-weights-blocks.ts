import type { Emitter } from "../onnx/emit.ts";
import { isStatic, type Shape, sizeOfShape } from "../shape.ts";
import type { Application, Tensor } from "../tensor.ts";
import { BLOCKS, channelsInBlocks } from "./convolution-blocks.ts";
import type { Convolution } from "./convolution-products.ts";
import { productOperations } from "./product-operations.ts";
import { leadingOf } from "./windows.ts";

/** Below this many operations, ordering both tensors costs as much as gathering their shifts. */
const LEAST_WORK = 1e7;
/** The kernel makes the taps of a row at once; fewer leave most of its registers unused. */
const LEAST_TAPS = 3;
/** The batch of that convolution is short with fewer, while ordering the outputs takes as long. */
const LEAST_CHANNELS = 8;

/** The entries of the leading axes; undefined where only a run knows them. */
function batchOf({ shape }: Tensor, { kernel }: Convolution): number | undefined {
  const leading = leadingOf(shape, kernel.length + 1);
  return isStatic(leading) ? sizeOfShape(leading) : undefined;
}

/**
 * Whether the gradient to the weights is faster as a convolution on blocks than as a product of gathered shifts. Measured
 * on an x86-64 server with AVX-512 (blocks of 16), 3 x 3 kernels, batches of 16 to 128, time in blocks / time gathered:
 * 0.72 to 1.04 on one thread and 0.62 to 0.94 on two, from 8 to 64 channels with at least as many outputs, strides of 1
 * and 2; 0.96 to 1.15 from one and three channels; 1.1 and 1.2 from 48 channels to 16; 1.6 and 1.3 for 1 x 1 kernels.
 */
export function fitsWeightBlocks({ inputs: [x, y], attributes, ...type }: Tensor, block: number): boolean {
  const convolution = attributes as Convolution;
  const { kernel, groups } = convolution;
  const [outputs, channels] = type.shape.map(Number);
  const batch = batchOf(x, convolution);
  return (
    x.dtype === "f32" &&
    kernel.length === 2 &&
    groups === 1 &&
    kernel[1] >= LEAST_TAPS &&
    (batch === undefined || (batch > 0 && batch % block === 0)) &&
    outputs % block === 0 &&
    outputs >= channels &&
    channels >= LEAST_CHANNELS &&
    productOperations({ ...type, inputs: [x, y], attributes })! >= LEAST_WORK
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
  return emit.either(
    hasWholeBlocks(emit, leadingOf(inputs[0].shape, attributes.kernel.length + 1)),
    (branch) => weightsInBlocks(branch, names, application),
    otherwise,
    output,
  );
}

/**
 * The gradient to the weights as a convolution whose channels are the entries of the leading axes: x is its batch, y its
 * weights, and each tap one position of its result. Zeros go around x first: next to padding, the kernel makes one
 * position at a time.
 */
function weightsInBlocks(
  emit: Emitter,
  [x, y]: readonly string[],
  { inputs: [from], output: { shape }, attributes }: Application<Convolution>,
): string {
  const block = emit.block!;
  const { kernel, strides, dilations, before, input, output } = attributes;
  const [outputs, channels] = shape.map(Number);
  const shaped = (name: string, to: readonly number[]) => emit.node("Reshape", [name, emit.integers(to)]);
  const flat = (name: string, entries: number, sizes: readonly number[]) =>
    from.shape.length === 4 ? name : shaped(name, [-1, entries, ...sizes]);

  const reached = output.map((size, i) => (size - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1);
  const after = reached.map((size, i) => size - before[i] - input[i]);
  const entries = channelsInBlocks(
    emit,
    emit.node("Transpose", [flat(x, channels, input)], { perm: [1, 0, 2, 3] }),
  );
  const rows = shaped(entries, [-1, input[0], input[1] * block]);
  const ends = [0, before[0], before[1] * block, 0, after[0], after[1] * block];
  const around = ends.some((end) => end !== 0) ? emit.node("Pad", [rows, emit.integers(ends)]) : rows;

  const positions = sizeOfShape(output);
  const parts = shaped(channelsInBlocks(emit, flat(y, outputs, output)), [
    -1,
    block,
    outputs / block,
    positions,
    block,
  ]);
  const weights = emit.node("Transpose", [parts], { perm: [2, 0, 3, 1, 4] });
  const taps = emit.nodeOf(
    BLOCKS,
    "Conv",
    [shaped(around, [channels, -1, ...reached]), shaped(weights, [outputs, -1, ...output])],
    { strides: dilations, dilations: strides, pads: [0, 0, 0, 0], kernel_shape: output, group: 1 },
  );
  return emit.node("Transpose", [emit.nodeOf(BLOCKS, "ReorderOutput", [taps], { channels: outputs })], {
    perm: [1, 0, 2, 3],
  });
}
