import { usedBy } from "../dependence.ts";
import type { Emitter } from "../onnx/emit.ts";
import { sizeOfShape } from "../shape.ts";
import { type Application, inputOp, type Tensor } from "../tensor.ts";
import type { Convolution } from "./convolution-products.ts";
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
 * Runtime's Conv, 3 x 3 kernels: 0.52 to 0.68 from 16 to 64 channels, 0.73 to 0.78 from 8 to 8, 0.84 from 8 to 4, 0.70 from
 * 16 to 2, 1.2 from 8 to 1, 1.1 from 16 to 1 and from 2 to 16; 1.1 to 1.4 for 1 x 1 kernels; 1.0 to 1.3 for less than a
 * million operations. On two threads 0.6 to 0.8, 0.83 and 1.3.
 */
export function fitsBlocks({ inputs: [x, w], attributes, ...type }: Tensor, block: number): boolean {
  const { kernel, groups } = attributes as Convolution;
  const [outputs, channels, height, width] = w.shape.map(Number);
  return (
    x.dtype === "f32" &&
    kernel.length === 2 &&
    groups === 1 &&
    height * width > 1 &&
    channels * height * width >= LEAST_TAPS &&
    (channels < block || channels % block === 0) &&
    outputs * (channels < block ? 4 : 8) >= block &&
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

/**
 * A convolution on blocks of channels. Fewer channels than a block stay as they are; weights are padded to whole blocks
 * of outputs, and the rest is cut off.
 */
export function lowerInBlocks(
  emit: Emitter,
  [x, w, bias]: readonly string[],
  { inputs: [, { shape }], attributes }: Application<Convolution>,
): string {
  const block = emit.block!;
  const [outputs, channels, ...kernel] = shape.map(Number);
  const whole = Math.ceil(outputs / block) * block;
  const filled = (name: string, rank: number) =>
    whole === outputs
      ? name
      : emit.node("Pad", [name, emit.integers(new Array(2 * rank).fill(0).with(rank, whole - outputs))]);
  const blocked = channels >= block;
  const shaped = (name: string, sizes: readonly number[]) =>
    emit.node("Reshape", [name, emit.integers(sizes)]);
  const taps = sizeOfShape(kernel);
  // Outputs go last, then the channels of a block behind the taps: each in a copy of its own, which ONNX Runtime makes
  // three times as fast as both in one.
  const outputsLast = emit.node(
    "Transpose",
    [shaped(filled(w, 4), [whole / block, block, channels * taps])],
    { perm: [0, 2, 1] },
  );
  const ordered = blocked
    ? emit.node(
        "Transpose",
        [shaped(outputsLast, [(whole / block) * (channels / block), block, taps, block])],
        { perm: [0, 2, 1, 3] },
      )
    : outputsLast;
  const weights = shaped(ordered, [whole, channels, ...kernel]);
  const entries = blocked ? channelsInBlocks(emit, x) : x;
  const biases = bias === undefined ? [] : [filled(bias, 1)];
  const result = emit.nodeOf(BLOCKS, "Conv", [entries, weights, ...biases], attributesOf(attributes));
  return emit.nodeOf(BLOCKS, "ReorderOutput", [result], { channels: outputs });
}
