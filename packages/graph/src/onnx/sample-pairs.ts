import { binaryOps } from "../ops/arithmetic.ts";
import { convolutionOp, convolutionWeightsOp } from "../ops/convolution.ts";
import { BLOCKS, fitsBlocks, varies } from "../ops/convolution-blocks.ts";
import {
  canPair,
  convolvePairs,
  fillsBlock,
  pairedProduct,
  pairedShape,
  weightsFromPairs,
} from "../ops/convolution-pairs.ts";
import { sourceOf } from "../ops/entries-in-order.ts";
import { averagePoolOp } from "../ops/pooling.ts";
import { areTiles } from "../ops/pooling-tiles.ts";
import { type ReduceAttributes, sumOp } from "../ops/reduce.ts";
import { unaryOps } from "../ops/unary.ts";
import { type UpsampleAttributes, upsampleOp } from "../ops/upsample.ts";
import type { Windows } from "../ops/windows.ts";
import { sizeOfShape } from "../shape.ts";
import type { Op, Tensor } from "../tensor.ts";
import type { BiasedConvolution } from "./convolution-bias.ts";
import type { Emitter } from "./emit.ts";
import type { Usage } from "./usage.ts";

/** A convolution of pairs of samples, and what its kernel does after it. */
export interface PairedConvolution {
  readonly convolution: Tensor;
  readonly bias?: Tensor;
  readonly rectified: boolean;
}

/** What is computed on pairs of samples. */
export interface PairPlan {
  /** By the node whose value they have. */
  readonly convolutions: ReadonlyMap<Tensor, PairedConvolution>;
  /** The gradients to weights. */
  readonly gradients: ReadonlySet<Tensor>;
  /** The nodes that need not be computed beside them. */
  readonly parts: ReadonlySet<Tensor>;
}

/** Operations entry by entry. */
const entrywise: ReadonlySet<unknown> = new Set<Op<undefined>>([
  ...Object.values(unaryOps),
  binaryOps.add,
  binaryOps.sub,
  binaryOps.mul,
  binaryOps.div,
]);

/**
 * Which convolutions are computed on pairs of samples, whose results then stay in blocks from one to the next: those of
 * tensors of which gradients to weights are made, too. These add up all samples anyway, so that it does no harm that a NaN
 * or an infinity reaches the other sample of its pair. Measured on two cores of an x86-64 server with AVX-512 (blocks of
 * 16), 3 x 3 kernels, time of a training step with pairs / with each convolution in blocks by itself: of the direction
 * network of 8 channels on 8 images of 32 x 32 0.90 on one thread and 0.70 on two; of networks of 2 to 4 convolutions on 8
 * to 64 images of 8 x 8 to 32 x 32 0.73 to 0.96 and 0.66 to 0.91. With 5 x 5 kernels, 1.1 on both.
 */
export function planPairs(
  nodes: readonly Tensor[],
  block: number,
  biased: ReadonlyMap<Tensor, BiasedConvolution>,
  { onlyFor }: Usage,
): PairPlan | undefined {
  const gradients = new Set(
    nodes.filter((node) => node.op === convolutionWeightsOp && pairedProduct(node, block) !== undefined),
  );
  const summed = new Set([...gradients].flatMap(({ inputs }) => inputs));
  const isPaired = (node: Tensor) =>
    node.op === convolutionOp && canPair(node, block) && summed.has(node.inputs[0]) && varies(node.inputs[1]);
  if (!nodes.some((node) => isPaired(node) && fillsBlock(node, block) && fitsBlocks(node, block)))
    return undefined;
  const convolutions = new Map<Tensor, PairedConvolution>();
  const parts = new Set<Tensor>();
  for (const node of nodes) {
    const { convolution, bias, parts: ofBias } = biased.get(node) ?? { convolution: node };
    if (isPaired(convolution)) {
      convolutions.set(node, { convolution, bias, rectified: false });
      for (const part of ofBias ?? []) {
        convolutions.delete(part);
        parts.add(part);
      }
    }
    const before = node.op === unaryOps.relu ? convolutions.get(node.inputs[0]) : undefined;
    if (before === undefined || !onlyFor(node.inputs[0], node)) continue;
    if (!fillsBlock(node, block)) continue;
    convolutions.delete(node.inputs[0]);
    parts.add(node.inputs[0]);
    convolutions.set(node, { ...before, rectified: true });
  }
  return { convolutions, gradients, parts };
}

/** The tensors whose names a convolution of pairs gets. */
export function pairedOperands({ inputs: [x, w] }: Tensor): readonly Tensor[] {
  return [x, sourceOf(w).source];
}

/** Tensors whose samples are in pairs, in blocks. */
export interface SamplePairs {
  /** Emits a node on pairs of samples, if it is to be; its value is then known in blocks, by its name, or both. */
  lower(node: Tensor): boolean;
  /** Emits the value of a tensor that is known in blocks, sample by sample; undefined for any other. */
  separated(tensor: Tensor): string | undefined;
}

/**
 * Emits what is planned on pairs of samples, and what follows it entry by entry.
 *
 * @param emitterOf where a tensor is computed
 * @param name gives a node's value its name
 * @param isPart whether a node is computed as a part of another one only
 */
export function samplePairs(
  { convolutions, gradients }: PairPlan,
  emitterOf: (tensor: Tensor) => Emitter,
  nameOf: (tensor: Tensor) => string,
  name: (node: Tensor, value: string) => void,
  isPart: (node: Tensor) => boolean,
): SamplePairs {
  const inBlocks = new Map<Tensor, string>();
  const inShape = new Map<Tensor, string>();
  const blockOf = (emit: Emitter) => emit.block!;

  /** Samples in pairs, their channels one after the other. */
  const paired = (tensor: Tensor): string => {
    const known = inShape.get(tensor);
    if (known !== undefined) return known;
    const emit = emitterOf(tensor);
    const result = emit.node("Reshape", [nameOf(tensor), emit.integers(pairedShape(tensor))]);
    inShape.set(tensor, result);
    return result;
  };
  /** Samples in pairs: in blocks if they fill them. */
  const operand = (tensor: Tensor): string => {
    const known = inBlocks.get(tensor);
    if (known !== undefined) return known;
    const emit = emitterOf(tensor);
    if (!fillsBlock(tensor, blockOf(emit))) return paired(tensor);
    const result = emit.nodeOf(BLOCKS, "ReorderInput", [paired(tensor)]);
    inBlocks.set(tensor, result);
    return result;
  };
  const separate = (tensor: Tensor, blocks: string): string => {
    const emit = emitterOf(tensor);
    const [, channels] = pairedShape(tensor);
    const inOrder = emit.nodeOf(BLOCKS, "ReorderOutput", [blocks], { channels });
    return emit.node("Reshape", [inOrder, emit.integers(tensor.shape.map(Number))]);
  };

  const convolve = (node: Tensor, { convolution, bias, rectified }: PairedConvolution) => {
    const emit = emitterOf(node);
    const [x, source] = pairedOperands(convolution);
    const vector = () => {
      if (bias === undefined) return undefined;
      const given = nameOf(bias);
      return bias.shape.length === 1 ? given : emit.node("Reshape", [given, emit.integers([-1])]);
    };
    const operands = { x: operand(x), weights: nameOf(source), bias: vector(), rectified };
    const result = convolvePairs(emit, operands, convolution);
    if (fillsBlock(node, blockOf(emit))) inBlocks.set(node, result);
    else name(node, separate(node, result));
  };
  const gradient = (node: Tensor) => {
    const emit = emitterOf(node);
    const { exchanged } = pairedProduct(node, blockOf(emit))!;
    const [x, y] = node.inputs.map(operand);
    name(node, weightsFromPairs(emit, exchanged ? { image: y, filters: x } : { image: x, filters: y }, node));
  };
  const isSingle = ({ shape }: Tensor) => shape.every((d) => d === 1);
  /** Its operands, if a node works entry by entry on some that are in blocks. */
  const entries = (node: Tensor): readonly string[] | undefined => {
    const { op, inputs, shape } = node;
    const fits = (input: Tensor) =>
      isSingle(input) ||
      (input.shape.length === shape.length && input.shape.every((d, axis) => d === shape[axis]));
    if (!entrywise.has(op) || !fillsBlock(node, blockOf(emitterOf(node)))) return undefined;
    if (!inputs.every(fits) || inputs.some(isPart) || !inputs.some((input) => inBlocks.has(input)))
      return undefined;
    return inputs.map((input) => (isSingle(input) ? nameOf(input) : operand(input)));
  };
  /** The value in blocks of a node whose first input is in blocks. */
  const along = ({ op, attributes, shape }: Tensor, x: string, emit: Emitter): string | undefined => {
    if (op === averagePoolOp && (attributes as Windows).kernel.length === 2) {
      const { kernel, strides } = attributes as Windows;
      const sizes = { kernel_shape: kernel, strides, pads: [0, 0, 0, 0] };
      return areTiles(attributes as Windows) ? emit.nodeOf(BLOCKS, "AveragePool", [x], sizes) : undefined;
    }
    const factors = op === upsampleOp ? (attributes as UpsampleAttributes).factors : [];
    if (factors.length !== 2 || shape.length !== 4) return undefined;
    return emit.nodeOf(BLOCKS, "Upsample", [x], { scales: [1, 1, ...factors] });
  };
  /** The sums over each channel of a tensor in blocks. */
  const channelSums = ({ op, inputs: [from], attributes, shape }: Tensor, emit: Emitter) => {
    const x = inBlocks.get(from);
    if (op !== sumOp || x === undefined) return undefined;
    const { axes } = attributes as ReduceAttributes;
    if (axes.length !== 2 || !axes.includes(2) || !axes.includes(3)) return undefined;
    const [images, channels, ...sizes] = pairedShape(from);
    const rows = emit.node("Reshape", [x, emit.integers([images, sizeOfShape(sizes), channels])]);
    const sums = emit.node("ReduceSum", [rows, emit.integers([1])], { keepdims: 0 });
    return emit.node("Reshape", [sums, emit.integers(shape.map(Number))]);
  };

  return {
    lower(node) {
      const convolution = convolutions.get(node);
      if (convolution !== undefined) {
        convolve(node, convolution);
        return true;
      }
      if (gradients.has(node)) {
        gradient(node);
        return true;
      }
      const emit = emitterOf(node);
      const operands = entries(node);
      if (operands !== undefined) {
        const { op, inputs, attributes } = node;
        inBlocks.set(node, op.lower(emit, operands, { inputs, output: node, attributes }));
        return true;
      }
      const [first] = node.inputs;
      const x = first && inBlocks.get(first);
      if (x === undefined) return false;
      const result = along(node, x, emit);
      if (result !== undefined) {
        inBlocks.set(node, result);
        return true;
      }
      const sums = channelSums(node, emit);
      if (sums !== undefined) name(node, sums);
      return sums !== undefined;
    },
    separated(tensor) {
      const blocks = inBlocks.get(tensor);
      return blocks === undefined ? undefined : separate(tensor, blocks);
    },
  };
}
