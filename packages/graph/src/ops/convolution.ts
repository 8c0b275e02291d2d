import { checkOneOf, checkOptions } from "../check.ts";
import { ShapeError } from "../errors.ts";
import type { Emitter } from "../onnx/emit.ts";
import { lowerTraced } from "../onnx/lower-traced.ts";
import { formatShape, isStatic } from "../shape.ts";
import { type Application, apply, floatType, type Op, sameType, type Tensor } from "../tensor.ts";
import { vmap } from "../vectorize.ts";
import { add, mul } from "./arithmetic.ts";
import {
  attributesOf,
  fitsBlocks,
  lowerInBlocks,
  varies,
  weightsSource,
  worksInBlocks,
} from "./convolution-blocks.ts";
import { fitsGathering, lowerWeights } from "./convolution-gathering.ts";
import { suitsPairs } from "./convolution-pairs.ts";
import { fitsPhases, lowerInPhases, phaseWeightsSource } from "./convolution-phases.ts";
import { fitsPlanes, lowerInPlanes } from "./convolution-planes.ts";
import {
  type Convolution,
  convolutionByProducts,
  exchanged,
  transposeByProducts,
} from "./convolution-products.ts";
import { beforeUpsampling } from "./convolution-upsampled.ts";
import { weightsByProducts } from "./convolution-weights.ts";
import { fitsExchanged, fitsWeightBlocks, lowerWeightsInBlocks } from "./convolution-weights-blocks.ts";
import { exchangedBack, withExchanged } from "./convolution-weights-exchanged.ts";
import { fitsWeightPlanes, lowerWeightsInPlanes, suitsPlanes } from "./convolution-weights-planes.ts";
import { pad } from "./pad.ts";
import { reshape } from "./shape.ts";
import {
  leadingOf,
  type Padding,
  type PerAxis,
  paddingOf,
  perAxis,
  reversed,
  spatialSizes,
  type WindowOptions,
  windowsOver,
  withOneLeading,
} from "./windows.ts";

// One bilinear map and its transposes make a family that is closed under differentiation: from inputs x, weights w and
// outputs y, each of convolve(x, w), transposed(y, w) and weightsOf(x, y) has the other two as derivatives.

export const convolutionOp: Op<Convolution> = {
  name: "convolution",
  type: ([x, w], { kernel, output }) => ({
    dtype: x.dtype,
    shape: [...leadingOf(x.shape, kernel.length + 1), w.shape[0], ...output],
  }),
  vjp: ({ inputs: [x, w], attributes }, cotangent) => [
    transposed(cotangent, w, attributes),
    weightsOf(x, cotangent, attributes),
  ],
  jvp: ({ inputs: [x, w], attributes }, [tx, tw]) => {
    const fromX = tx && convolve(tx, w, attributes);
    const fromW = tw && convolve(x, tw, attributes);
    return fromX && fromW ? add(fromX, fromW) : (fromX ?? fromW);
  },
  operands: ({ inputs: [x, w], output }, block) => [
    x,
    block !== undefined && fitsBlocks(output, block) ? weightsSource(output, block) : w,
  ],
  // A third name is a bias that the model's lowering fused.
  lower: (emit, [x, ...rest], application) => {
    const {
      inputs,
      output: { shape },
      attributes,
    } = application;
    return withOneLeading(
      emit,
      x,
      { from: inputs[0].shape, to: shape, rank: attributes.kernel.length },
      (flat) => {
        const names = [flat, ...rest];
        if (worksInBlocks(emit, application)) return lowerInBlocks(emit, names, application);
        if (emit.block !== undefined && fitsPlanes(application.output, emit.block))
          return lowerInPlanes(emit, names, application);
        return emit.node("Conv", names, attributesOf(attributes));
      },
    );
  },
  vmap: (inputs, batched, attributes) =>
    overLeading(convolve, convolutionByProducts, inputs, batched, attributes),
};

/** The transpose of x -> convolution(x, w) for strides larger than 1. */
export const convolutionTransposeOp: Op<Convolution> = {
  name: "convolutionTranspose",
  type: ([y, w], { kernel, input, groups }) => ({
    dtype: y.dtype,
    shape: [...leadingOf(y.shape, kernel.length + 1), Number(w.shape[1]) * groups, ...input],
  }),
  vjp: ({ inputs: [y, w], attributes }, cotangent) => [
    convolve(cotangent, w, attributes),
    weightsOf(cotangent, y, attributes),
  ],
  jvp: ({ inputs: [y, w], attributes }, [ty, tw]) => {
    const fromY = ty && transposed(ty, w, attributes);
    const fromW = tw && transposed(y, tw, attributes);
    return fromY && fromW ? add(fromY, fromW) : (fromY ?? fromW);
  },
  operands: ({ inputs: [y, w], output }, block) => [
    y,
    block !== undefined && fitsPhases(output, block) ? phaseWeightsSource(output) : w,
  ],
  // A third name is a bias that the model's lowering fused.
  lower: (emit, [y, ...rest], application) => {
    const {
      inputs,
      output: { shape },
      attributes,
    } = application;
    const { before, after, dilations, kernel, input, output, strides } = attributes;
    // Rows after the last window, which no window covers.
    const uncovered = input.map((size, i) => {
      const reached = (output[i] - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1;
      return size + before[i] + after[i] - reached;
    });
    return withOneLeading(emit, y, { from: inputs[0].shape, to: shape, rank: kernel.length }, (flat) => {
      const names = [flat, ...rest];
      if (emit.block !== undefined && fitsPhases(application.output, emit.block))
        return lowerInPhases(emit, names, application);
      return emit.node("ConvTranspose", names, { ...attributesOf(attributes), output_padding: uncovered });
    });
  },
  vmap: (inputs, batched, attributes) =>
    overLeading(transposed, transposeByProducts, inputs, batched, attributes),
};

/** The transpose of w -> convolution(x, w), applied to y, for leading dimensions of many entries. */
export const convolutionWeightsOp: Op<Convolution> = {
  name: "convolutionWeights",
  type: ([x, y], { kernel }) => {
    const channelAxis = x.shape.length - kernel.length - 1;
    return { dtype: x.dtype, shape: [y.shape[channelAxis], x.shape[channelAxis], ...kernel] };
  },
  vjp: ({ inputs: [x, y], attributes }, cotangent) => [
    transposed(y, cotangent, attributes),
    convolve(x, cotangent, attributes),
  ],
  jvp: ({ inputs: [x, y], attributes }, [tx, ty]) => {
    const fromX = tx && weightsOf(tx, y, attributes);
    const fromY = ty && weightsOf(x, ty, attributes);
    return fromX && fromY ? add(fromX, fromY) : (fromX ?? fromY);
  },
  lower: (emit, names, application) => {
    const { inputs, output, attributes } = application;
    const { block } = emit;
    if (block !== undefined && fitsWeightBlocks(output, block)) return inBlocks(emit, names, application);
    if (block !== undefined && fitsWeightPlanes(output, block))
      return lowerWeightsInPlanes(emit, names, application);
    if (block !== undefined && fitsExchanged(output, block)) {
      const other = withExchanged(output)!;
      const exchanged = { inputs: other.inputs, output: other, attributes: other.attributes as Convolution };
      const gradient = inBlocks(emit, names.toReversed(), exchanged);
      return exchangedBack(emit, gradient, output.shape.map(Number));
    }
    const [x, y] = inputs;
    if (fitsGathering(x, y, attributes)) return lowerWeights(emit, names, application);
    return lowerTraced(emit, names, inputs, (s, t) => weightsByProducts(s, t, attributes));
  },
  vmap: ([x, y], [xBatched, yBatched], convolution) => {
    if (!yBatched) return vmap((entry: Tensor) => weightsByProducts(entry, y, convolution))(x);
    if (!xBatched) return vmap((entry: Tensor) => weightsByProducts(x, entry, convolution))(y);
    return vmap((entry: { x: Tensor; y: Tensor }) => weightsByProducts(entry.x, entry.y, convolution))({
      x,
      y,
    });
  },
};

/** The gradient to weights in blocks; where a run's batch is not of whole blocks, gathered. */
function inBlocks(emit: Emitter, names: readonly string[], application: Application<Convolution>): string {
  return lowerWeightsInBlocks(emit, names, application, (branch) => lowerWeights(branch, names, application));
}

type Bilinear = (x: Tensor, w: Tensor, convolution: Convolution) => Tensor;

/** A leading axis of x is an extra leading dimension; with a leading axis of w, every entry has its own product. */
function overLeading(
  kernel: Bilinear,
  byProducts: Bilinear,
  [x, w]: readonly Tensor[],
  [xBatched, wBatched]: readonly boolean[],
  convolution: Convolution,
): Tensor {
  if (!wBatched) return kernel(x, w, convolution);
  if (!xBatched) return vmap((v: Tensor) => byProducts(x, v, convolution))(w);
  return vmap((entry: { x: Tensor; w: Tensor }) => byProducts(entry.x, entry.w, convolution))({ x, w });
}

function convolve(x: Tensor, w: Tensor, convolution: Convolution): Tensor {
  return x.dtype === "f32"
    ? apply(convolutionOp, [x, w], convolution)
    : convolutionByProducts(x, w, convolution);
}

function transposed(y: Tensor, w: Tensor, convolution: Convolution): Tensor {
  if (y.dtype !== "f32") return transposeByProducts(y, w, convolution);
  const { strides, groups } = convolution;
  const back = { ...reversed(convolution), groups };
  const dense = strides.every((stride) => stride === 1);
  // Each kernel unfolds as many numbers as its channels times the size of w; fewer is up to 1.8 times faster. Even with
  // twice as many, a convolution wins on two threads, since ONNX Runtime does not split its transpose over threads.
  const few = Number(w.shape[0]) <= 2 * Number(w.shape[1]) * groups;
  if (dense && few && [...back.before, ...back.after].every((n) => n >= 0))
    return convolve(y, exchanged(w, groups), back);
  return apply(convolutionTransposeOp, [y, w], convolution);
}

/** The transpose of w -> convolution(x, w), applied to y. */
function weightsOf(x: Tensor, y: Tensor, convolution: Convolution): Tensor {
  const suits = [fitsGathering, suitsPlanes, suitsPairs].some((suit) => suit(x, y, convolution));
  return suits ? apply(convolutionWeightsOp, [x, y], convolution) : weightsByProducts(x, y, convolution);
}

/**
 * The result of a convolution times a factor for each channel, as a convolution with other weights: this saves a pass
 * over the result, two over its cotangent, and the product of both that the factor's derivative would need. Undefined
 * where y is no convolution, or where only the factor varies, whose derivative needs no gradient to the weights.
 */
export function scaleConvolution(y: Tensor, factor: Tensor): Tensor | undefined {
  if (y.op !== convolutionOp) return undefined;
  const [x, w] = y.inputs;
  if (varies(factor) && !varies(w)) return undefined;
  const perOutput = reshape(factor, [w.shape[0], ...w.shape.slice(1).map(() => 1)]);
  return apply(convolutionOp, [x, mul(w, perOutput)], y.attributes);
}

/** Checks types, ranks and channels; returns the number of spatial axes. */
function assertOperands(operation: string, x: Tensor, w: Tensor, groups: number): number {
  sameType(operation, [x, w]);
  floatType(operation, x);
  const rank = w.shape.length - 2;
  if (rank < 1 || rank > 3 || !isStatic(w.shape))
    throw new ShapeError(
      `${operation}: weights must have two channel dimensions and 1 to 3 kernel dimensions, all known at trace time, got ${formatShape(w.shape)}`,
    );
  if (x.shape.length < rank + 1)
    throw new ShapeError(
      `${operation}: expected [..., channels, ${rank} spatial dimensions], got ${formatShape(x.shape)}`,
    );
  perAxis(`${operation}: groups`, groups, 1, 1);
  return rank;
}

export interface ConvolutionOptions extends WindowOptions {
  /** Whether x is padded with zeros or periodically. */
  readonly paddingMode?: "zero" | "circular";
  /** Number of groups of channels; outputs of a group depend only on inputs of the same group. */
  readonly groups?: number;
}

/**
 * Convolution over 1 to 3 spatial axes (cross-correlation, as in neural networks): the sum over channels c and kernel
 * positions k of w[o, c, k] x[..., c, stride i + dilation k - padding]. In float64 it is computed by matrix products,
 * since ONNX Runtime has only float32 kernels.
 *
 * @param x [..., C, ...sizes], with any leading dimensions, including named ones
 * @param w [O, C / groups, ...kernel]
 * @returns [..., O, ...floor((size + padding - dilation (kernel - 1) - 1) / stride) + 1]
 * @throws ShapeError when channels do not match, or no window fits
 */
export function convolution(x: Tensor, w: Tensor, options: ConvolutionOptions = {}): Tensor {
  checkOptions("convolution", options, ["strides", "dilations", "padding", "paddingMode", "groups"]);
  const { strides = 1, dilations = 1, padding = 0, paddingMode = "zero", groups = 1 } = options;
  checkOneOf(["zero", "circular"], { "convolution: paddingMode": paddingMode });
  const rank = assertOperands("convolution", x, w, groups);
  const channels = x.shape.at(-rank - 1);
  if (channels !== Number(w.shape[1]) * groups || Number(w.shape[0]) % groups !== 0)
    throw new ShapeError(
      `convolution: x ${formatShape(x.shape)} has ${channels} channels, weights ${formatShape(w.shape)} with ` +
        `${groups} groups expect ${Number(w.shape[1]) * groups}; the output channels must be a multiple of ${groups}`,
    );
  const circular = paddingMode === "circular";
  const around = circular
    ? pad(
        x,
        [
          ...leadingOf(x.shape, rank).map((): [number, number] => [0, 0]),
          ...paddingOf("convolution", padding, rank),
        ],
        { mode: "circular" },
      )
    : x;
  const input = spatialSizes("convolution", around.shape, rank);
  const kernel = w.shape.slice(2).map(Number);
  const windows = windowsOver("convolution", input, kernel, {
    strides,
    dilations,
    padding: circular ? 0 : padding,
  });
  const before = beforeUpsampling(around, w, { ...windows, groups });
  return before
    ? transposed(before.y, before.w, before.convolution)
    : convolve(around, w, { ...windows, groups });
}

export interface ConvolutionTransposeOptions {
  readonly strides?: PerAxis;
  readonly dilations?: PerAxis;
  /** The padding of the corresponding convolution, which is removed from the result. */
  readonly padding?: Padding;
  /**
   * Extra entries at the end of each axis, fewer than the stride: selects among the sizes that a stride maps to one.
   */
  readonly outputPadding?: PerAxis;
  readonly groups?: number;
}

/**
 * Transposed convolution ("deconvolution"): adds each entry of x, times the kernel, to the window from which the
 * convolution with these weights and options would compute it.
 * Source: Zeiler et al. 2010.
 *
 * @param x [..., C, ...sizes]
 * @param w [C, O / groups, ...kernel]
 * @returns [..., O, ...(size - 1) stride + dilation (kernel - 1) + 1 - padding + outputPadding]
 * @throws ShapeError when channels do not match or the padding leaves no output
 */
export function convolutionTranspose(
  x: Tensor,
  w: Tensor,
  options: ConvolutionTransposeOptions = {},
): Tensor {
  const operation = "convolutionTranspose";
  checkOptions(operation, options, ["strides", "dilations", "padding", "outputPadding", "groups"]);
  const { strides = 1, dilations = 1, padding = 0, outputPadding = 0, groups = 1 } = options;
  const rank = assertOperands(operation, x, w, groups);
  const channels = x.shape.at(-rank - 1);
  if (channels !== w.shape[0] || Number(channels) % groups !== 0)
    throw new ShapeError(
      `${operation}: x ${formatShape(x.shape)} has ${channels} channels, weights ${formatShape(w.shape)} expect ` +
        `${w.shape[0]}, a multiple of ${groups} groups`,
    );
  const sizes = spatialSizes(operation, x.shape, rank);
  const kernel = w.shape.slice(2).map(Number);
  const steps = perAxis(`${operation}: strides`, strides, rank, 1);
  const spacing = perAxis(`${operation}: dilations`, dilations, rank, 1);
  const ends = paddingOf(operation, padding, rank);
  const more = perAxis(`${operation}: outputPadding`, outputPadding, rank, 0);
  const input = sizes.map(
    (size, i) => (size - 1) * steps[i] + spacing[i] * (kernel[i] - 1) + 1 - ends[i][0] - ends[i][1] + more[i],
  );
  if (input.some((size) => size < 1) || more.some((n, i) => n >= steps[i]))
    throw new ShapeError(
      `${operation}: sizes ${formatShape(sizes)} with padding ${JSON.stringify(ends)} and output padding ` +
        `${formatShape(more)} give ${formatShape(input)}; expected at least 1, and output padding less than the strides`,
    );
  const windows = windowsOver(operation, input, kernel, { strides, dilations, padding: ends });
  return transposed(x, w, { ...windows, groups });
}
