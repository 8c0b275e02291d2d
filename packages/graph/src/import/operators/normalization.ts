import { areEqual } from "../../dimension-polynomials.ts";
import { isFloat } from "../../dtype.ts";
import { ShapeError } from "../../errors.ts";
import { add, div, mul, pow, sub } from "../../ops/arithmetic.ts";
import { scaleConvolution } from "../../ops/convolution.ts";
import { pad } from "../../ops/pad.ts";
import { averagePool } from "../../ops/pooling.ts";
import { mean, sum } from "../../ops/reduce.ts";
import { reshape, size } from "../../ops/shape.ts";
import { abs, rsqrt, sqrt, square } from "../../ops/unary.ts";
import { formatShape, isStatic, normalizeAxes, sizeOfShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { inTrainingMode } from "../model-values.ts";
import type { Operator } from "../node-call.ts";

/** One number for each channel, against [N, C, ...]. */
function perChannel(x: Tensor, values: Tensor): Tensor {
  return reshape(values, [values.shape[0], ...x.shape.slice(2).map(() => 1)]);
}

interface Moments {
  readonly centered: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

function moments(x: Tensor, axes: readonly number[]): Moments {
  const average = mean(x, { axes, keepDims: true });
  const centered = sub(x, average);
  return { centered, mean: average, variance: mean(square(centered), { axes, keepDims: true }) };
}

/**
 * Inference by the stored moments; in the training form by those of the batch, which then update the stored ones: as
 * outputs with the batch's variance itself, as ONNX has it.
 */
const batchNormalization: Operator = (call) => {
  const [x, scale, bias, mu, variance] = [0, 1, 2, 3, 4].map((i) => call.input(i));
  const channels = x.shape[1];
  if (channels !== undefined && areEqual(channels, scale.shape[0]) === false)
    throw new ShapeError(
      `${call.label}: the input ${formatShape(x.shape)} must have ${scale.shape[0]} channels, as many as the scale has numbers`,
    );
  const epsilon = call.float("epsilon", 1e-5);
  const byBatch = inTrainingMode(call.node);
  const { batchMoments } = call.importer.trainingMode;
  const told = byBatch ? batchMoments?.({ mean: mu, variance }) : undefined;
  if (!byBatch || (batchMoments && !told)) {
    // As a factor and a summand for each channel: one pass over x less, forward and backward.
    const factor = mul(scale, rsqrt(add(variance, epsilon)));
    const scaled = scaleConvolution(x, factor) ?? mul(x, perChannel(x, factor));
    return [add(scaled, perChannel(x, sub(bias, mul(mu, factor)))), mu, variance, mu, variance];
  }
  const axes = x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  const own = moments(x, axes);
  const momentum = call.float("momentum", 0.9);
  const [average, spread] = [reshape(own.mean, mu.shape), reshape(own.variance, variance.shape)];
  const count = size(
    axes.map((axis) => x.shape[axis]),
    isFloat(x.dtype) ? x.dtype : "f32",
  );
  told?.({ mean: average, variance: spread, count, momentum });
  const running = (stored: Tensor, current: Tensor) => add(mul(stored, momentum), mul(current, 1 - momentum));
  const normal = mul(own.centered, mul(perChannel(x, scale), rsqrt(add(own.variance, epsilon))));
  const updated = [running(mu, average), running(variance, spread)];
  return [add(normal, perChannel(x, bias)), ...updated, average, spread];
};

/** Over the axes from `axis` on; also gives the mean and the inverse standard deviation. */
const layerNormalization: Operator = (call) => {
  const [x, scale] = [call.input(0), call.input(1)];
  const bias = call.optional(2);
  const rank = x.shape.length;
  const [first] = normalizeAxes("LayerNormalization", rank, call.int("axis", -1));
  const axes = Array.from({ length: rank - first }, (_, i) => first + i);
  const { centered, mean: average, variance } = moments(x, axes);
  const inverse = rsqrt(add(variance, call.float("epsilon", 1e-5)));
  const scaled = mul(mul(centered, inverse), scale);
  return [bias ? add(scaled, bias) : scaled, average, inverse];
};

/** Normalization over the last axis of the sum of two tensors, as ONNX Runtime's optimizer writes it. */
export const skipNormalization =
  (centering: boolean): Operator =>
  (call) => {
    const bias = call.optional(centering ? 4 : 3);
    const both = add(call.input(0), call.input(1));
    const x = bias ? add(both, bias) : both;
    const axes = [x.shape.length - 1];
    const epsilon = call.float("epsilon", 1e-12);
    const centered = centering ? sub(x, mean(x, { axes, keepDims: true })) : x;
    const inverse = rsqrt(add(mean(square(centered), { axes, keepDims: true }), epsilon));
    const scaled = mul(mul(centered, inverse), call.input(2));
    const shift = centering ? call.optional(3) : undefined;
    return [shift ? add(scaled, shift) : scaled, undefined, inverse, x];
  };

const rmsNormalization: Operator = (call) => {
  const [x, scale] = [call.input(0), call.input(1)];
  const rank = x.shape.length;
  const [first] = normalizeAxes("RMSNormalization", rank, call.int("axis", -1));
  const axes = Array.from({ length: rank - first }, (_, i) => first + i);
  const squares = mean(square(x), { axes, keepDims: true });
  return mul(mul(x, rsqrt(add(squares, call.float("epsilon", 1e-5)))), scale);
};

const instanceNormalization: Operator = (call) => {
  const [x, scale, bias] = [0, 1, 2].map((i) => call.input(i));
  const axes = x.shape.slice(2).map((_, i) => i + 2);
  const { centered, variance } = moments(x, axes);
  const inverse = rsqrt(add(variance, call.float("epsilon", 1e-5)));
  return add(mul(mul(centered, inverse), perChannel(x, scale)), perChannel(x, bias));
};

/** Each group of channels by its own moments; from operator set 21 the scale is one number for each channel. */
const groupNormalization: Operator = (call) => {
  const [x, scale, bias] = [0, 1, 2].map((i) => call.input(i));
  const groups = call.int("num_groups") ?? call.refuse("attribute num_groups is missing");
  const [n, channels, ...sizes] = x.shape;
  const per = Number(channels) / groups;
  const grouped = reshape(x, [n, groups, per, ...sizes]);
  const axes = grouped.shape.slice(2).map((_, i) => i + 2);
  const { centered, variance } = moments(grouped, axes);
  const unit = mul(centered, rsqrt(add(variance, call.float("epsilon", 1e-5))));
  const ones = sizes.map(() => 1);
  const each = call.opset < 21 ? [groups, 1, ...ones] : [groups, per, ...ones];
  return reshape(add(mul(unit, reshape(scale, each)), reshape(bias, each)), x.shape);
};

/** The mean over windows of channels, centered with the longer part after. */
const localResponse: Operator = (call) => {
  const x = call.input(0);
  const size = call.int("size") ?? call.refuse("attribute size is missing");
  const [alpha, beta, bias] = [call.float("alpha", 1e-4), call.float("beta", 0.75), call.float("bias", 1)];
  const before = Math.floor((size - 1) / 2);
  const [n, c, ...sizes] = x.shape;
  if (!isStatic(sizes))
    return call.refuse(`the dimensions of ${formatShape(x.shape)} after the channels must be known`);
  const flat = reshape(square(x), [n, c, sizeOfShape(sizes)]);
  const around = pad(flat, [
    [0, 0],
    [before, size - 1 - before],
    [0, 0],
  ]);
  const means = reshape(averagePool(around, { size: [size, 1], strides: 1 }), x.shape);
  return div(x, pow(add(mul(means, alpha), bias), beta));
};

const meanVariance: Operator = (call) => {
  const { centered, variance } = moments(call.input(0), call.ints("axes") ?? [0, 2, 3]);
  return div(centered, add(sqrt(variance), 1e-9));
};

const lpNormalization: Operator = (call) => {
  const x = call.input(0);
  const axes = [call.int("axis", -1)];
  const p = call.int("p", 2);
  const norm =
    p === 1 ? sum(abs(x), { axes, keepDims: true }) : sqrt(sum(square(x), { axes, keepDims: true }));
  return div(x, norm);
};

export const normalization: Readonly<Record<string, Operator>> = {
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: localResponse,
  LayerNormalization: layerNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVariance,
  RMSNormalization: rmsNormalization,
  SimplifiedLayerNormalization: rmsNormalization,
};
