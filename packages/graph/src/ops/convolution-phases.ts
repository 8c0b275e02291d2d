import type { Emitter } from "../onnx/emit.ts";
import { sizeOfShape } from "../shape.ts";
import type { Application, Tensor } from "../tensor.ts";
import {
  attributesOf,
  BLOCKS,
  channelsInBlocks,
  inOrderOfBlocks,
  varies,
  weightsAt,
} from "./convolution-blocks.ts";
import { axesFrom, type Convolution } from "./convolution-products.ts";
import { fitsOrder, sourceOf } from "./entries-in-order.ts";
import { productOperations } from "./product-operations.ts";

// Entries of a transposed convolution's result that are a stride apart form a convolution with every stride-th tap, in
// reverse: with strides of 2, four convolutions of smaller kernels, whose results alternate along both axes.

/** Below this many operations, putting weights, entries and results in order costs more than the faster kernel saves. */
const LEAST_WORK = 1e6;

/** The results along one axis that are at the same place within a stride. */
interface Phase {
  /** The taps that reach them, in the order of the entries that these multiply. */
  readonly taps: readonly number[];
  readonly before: number;
  readonly after: number;
}

/** The phases along an axis. */
function phasesOf({ kernel, strides, before, input, output }: Convolution, axis: number): Phase[] {
  const [stride, start] = [strides[axis], before[axis]];
  return axesFrom(0, stride).map((place) => {
    // Tap t reaches result stride i + t - start from entry i.
    const taps = axesFrom(0, kernel[axis])
      .filter((tap) => (tap - start - place) % stride === 0)
      .reverse();
    const first = (place + start - taps[0]) / stride;
    return {
      taps,
      before: -first,
      after: input[axis] / stride - output[axis] + taps.length - 1 + first,
    };
  });
}

/** The phases along both axes, rows first. */
function pairsOf(convolution: Convolution): (readonly [Phase, Phase])[] {
  const columns = phasesOf(convolution, 1);
  return phasesOf(convolution, 0).flatMap((row) => columns.map((column) => [row, column] as const));
}

/**
 * Whether a transposed convolution with strides is faster as convolutions on blocks of channels. Measured on an x86-64
 * server with AVX-512 (blocks of 16), strides of 2, batches of 64, time in phases / time of ONNX Runtime's ConvTranspose,
 * which runs on one thread: 4 x 4 kernels from 32 to 32 channels on 4 x 4 entries 0.38 on one thread and 0.37 on two; 3 x 3
 * kernels from 16 to 16 channels on 4 x 4 entries 0.49 and 0.8, on 14 x 14 entries 0.89 and 0.35, from 64 to 32 on 7 x 7
 * entries 0.65 and 0.50. On one thread, 1.3 for kernels no longer than the strides, which have a single tap in each phase.
 */
export function fitsPhases({ inputs: [y, w], attributes, ...type }: Tensor, block: number): boolean {
  const convolution = attributes as Convolution;
  const { kernel, strides, dilations, groups, input } = convolution;
  const [channels, outputs] = w.shape.map(Number);
  return (
    y.dtype === "f32" &&
    kernel.length === 2 &&
    groups === 1 &&
    dilations.every((spacing) => spacing === 1) &&
    strides.every((stride, axis) => stride <= kernel[axis] && input[axis] % stride === 0) &&
    strides.some((stride, axis) => stride < kernel[axis]) &&
    channels % block === 0 &&
    outputs % block === 0 &&
    fitsOrder(sizeOfShape(w.shape.map(Number))) &&
    pairsOf(convolution).every((pair) => pair.every(({ before, after }) => before >= 0 && after >= 0)) &&
    varies(w) &&
    productOperations({ ...type, inputs: [y, w], attributes })! >= LEAST_WORK
  );
}

/** The tensor from whose entries the phases make their weights. */
export function phaseWeightsSource({ inputs: [, w] }: Tensor): Tensor {
  return sourceOf(w).source;
}

/** A transposed convolution as one convolution on blocks of channels for each phase. */
export function lowerInPhases(
  emit: Emitter,
  [y, w, ...bias]: readonly string[],
  { inputs: [, weights], attributes }: Application<Convolution>,
): string {
  const block = emit.block!;
  const { kernel, strides, input, output } = attributes;
  const [channels, outputs] = weights.shape.map(Number);
  const entries = channelsInBlocks(emit, y);
  const results = pairsOf(attributes).map((pair) => {
    const sizes = [outputs, channels, ...pair.map(({ taps }) => taps.length)];
    const places = inOrderOfBlocks(sizes, block, (filter, channel, row, column) => {
      const [tapOfRow, tapOfColumn] = [pair[0].taps[row], pair[1].taps[column]];
      return ((channel * outputs + filter) * kernel[0] + tapOfRow) * kernel[1] + tapOfColumn;
    });
    return emit.nodeOf(
      BLOCKS,
      "Conv",
      [entries, weightsAt(emit, w, weights, { sizes, places }), ...bias],
      attributesOf({
        ...attributes,
        kernel: sizes.slice(2),
        strides: [1, 1],
        before: pair.map(({ before }) => before),
        after: pair.map(({ after }) => after),
        input: output,
        output: input.map((size, axis) => size / strides[axis]),
      }),
    );
  });
  const alternating = (names: readonly string[], length: number) => {
    if (names.length === 1) return names[0];
    const parts = names.map((name) => emit.node("Reshape", [name, emit.integers([-1, 1, length])]));
    return emit.node("Concat", parts, { axis: 1 });
  };
  const rows = axesFrom(0, strides[0]).map((row) =>
    alternating(results.slice(row * strides[1], (row + 1) * strides[1]), block),
  );
  const whole = emit.node("Reshape", [
    alternating(rows, input[1] * block),
    emit.integers([-1, outputs, ...input]),
  ]);
  return emit.nodeOf(BLOCKS, "ReorderOutput", [whole], { channels: outputs });
}
