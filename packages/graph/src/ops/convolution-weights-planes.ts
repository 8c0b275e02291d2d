import type { Emitter } from "../onnx/emit.ts";
import { isStatic, sizeOfShape } from "../shape.ts";
import type { Application, Tensor } from "../tensor.ts";
import { planesUnderTaps, planeWindows } from "./convolution-planes.ts";
import type { Convolution } from "./convolution-products.ts";
import { allTaps, tapsInBlocks } from "./convolution-taps.ts";
import { productOperations } from "./product-operations.ts";
import { leadingOf, reversed } from "./windows.ts";

/** Below this many operations, ordering both tensors costs as much as cutting and joining their shifts. */
const LEAST_WORK = 1e7;
/** Blocks have a multiple of this many channels on every processor. */
const CHANNELS_MULTIPLE = 8;
/** The kernel makes the taps of a row at once; fewer leave most of its registers unused. */
const LEAST_TAPS = 3;

/** Planes of the input in all entries of the leading axes; undefined where only a run knows them. */
function planesOf({ shape }: Tensor): number | undefined {
  const leading = leadingOf(shape, 4);
  return isStatic(leading) ? sizeOfShape(leading) * Number(shape.at(-3)) : undefined;
}

/** Whether a gradient to weights over three axes can be faster in planes, on a processor that has blocks. */
export function suitsPlanes(x: Tensor, y: Tensor, convolution: Convolution): boolean {
  const { kernel, groups, strides } = convolution;
  if (kernel.length !== 3) return false;
  const [channels, outputs] = [x, y].map(({ shape }) => Number(shape.at(-4)));
  const planes = planesOf(x);
  return (
    x.dtype === "f32" &&
    groups === 1 &&
    strides[0] === 1 &&
    reversed(convolution).before[0] >= 0 &&
    kernel[2] >= LEAST_TAPS &&
    channels % CHANNELS_MULTIPLE === 0 &&
    outputs % CHANNELS_MULTIPLE === 0 &&
    planes !== undefined &&
    planes % CHANNELS_MULTIPLE === 0
  );
}

/**
 * Whether the gradient to the weights is faster in planes on blocks of channels than as a product of shifts. Measured on
 * one thread of an x86-64 server with AVX-512 (blocks of 16), 3 x 3 x 3 kernels: from 16 channels to 16, 0.51 to 0.71 of
 * the time on 16^3 and 32^3 cells; for more of both, up to 128, 0.7 to 0.84; with 7 million operations 1.0.
 */
export function fitsWeightPlanes({ inputs: [x, y], attributes, ...type }: Tensor, block: number): boolean {
  return (
    suitsPlanes(x, y, attributes as Convolution) &&
    planesOf(x)! % block === 0 &&
    Number(type.shape[0]) % block === 0 &&
    productOperations({ ...type, inputs: [x, y], attributes })! >= LEAST_WORK
  );
}

/**
 * The gradient to the weights of a convolution over three axes: for each tap of the first axis, that of a convolution of
 * planes, between those of x and those of y that the tap brings to meet them. All taps are made at once, each by filters
 * of its own.
 */
export function lowerWeightsInPlanes(
  emit: Emitter,
  [x, y]: readonly string[],
  { output: { shape }, attributes }: Application<Convolution>,
): string {
  const [outputs, channels, taps, ...plane] = shape.map(Number);
  const { input } = attributes;
  const [planes, height, width] = input;
  const below = emit.node("Reshape", [x, emit.integers([-1, channels, planes * height, width])]);
  // those that the gradient to x convolves too
  const meeting = planesUnderTaps(emit, y, outputs, { ...reversed(attributes), input: attributes.output });
  const products = tapsInBlocks(emit, below, meeting, {
    short: undefined,
    channels,
    outputs: taps * outputs,
    planes,
    convolution: planeWindows(attributes),
  });
  const apart = emit.node("Reshape", [
    allTaps(emit, products),
    emit.integers([taps, outputs, channels, sizeOfShape(plane)]),
  ]);
  const last = Array.from({ length: taps }, (_, k) => taps - 1 - k);
  const inOrder = emit.node("Gather", [apart, emit.integers(last)], { axis: 0 });
  return emit.node("Reshape", [
    emit.node("Transpose", [inOrder], { perm: [1, 2, 0, 3] }),
    emit.integers(shape.map(Number)),
  ]);
}
