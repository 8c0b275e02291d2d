import { mul } from "../../ops/arithmetic.ts";
import { matmul } from "../../ops/matmul.ts";
import { padOrCut } from "../../ops/pad.ts";
import { expandDims, reshape } from "../../ops/shape.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom } from "../values.ts";
import { gatherAlong, moveAxis } from "./axes.ts";

/**
 * Fourier transforms of complex rows [..., length, parts], of one or two parts: [..., frequencies, 2]. A row times the
 * matrix [length parts, frequencies 2] of cosines and sines.
 */
function transform(call: NodeCall, x: Tensor, frequencies: number, inverse: boolean): Tensor {
  const [length, parts] = x.shape.slice(-2).map(Number);
  const columns = 2 * frequencies;
  const size = call.bounded(length * parts * columns, "the number of cosines and sines");
  const scale = inverse ? 1 / length : 1;
  const matrix = Array.from({ length: size }, (_, flat) => {
    const [row, column] = [Math.floor(flat / columns), flat % columns];
    const [n, part] = [Math.floor(row / parts), row % parts];
    const [k, into] = [column >> 1, column & 1];
    const angle = ((inverse ? 2 : -2) * Math.PI * ((n * k) % length)) / length;
    // (a + i b)(cos + i sin): the real part has -b sin, the imaginary one a sin.
    const factor = part === into ? Math.cos(angle) : part ? -Math.sin(angle) : Math.sin(angle);
    return scale * factor;
  });
  const dtype = x.dtype === "f64" ? "f64" : "f32";
  const leading = x.shape.slice(0, -2);
  const product = matmul(
    reshape(x, [...leading, length * parts]),
    constantFrom(dtype, matrix, [length * parts, columns]),
  );
  return reshape(product, [...leading, frequencies, 2]);
}

/**
 * Real signals [..., length, 1] of the first half of their frequencies [..., frequencies, 2]: those in between stand for
 * their conjugates as well.
 */
function realSignals(call: NodeCall, x: Tensor, length: number): Tensor {
  const frequencies = Number(x.shape.at(-2));
  const size = call.bounded(2 * frequencies * length, "the number of cosines and sines");
  const matrix = Array.from({ length: size }, (_, flat) => {
    const [row, n] = [Math.floor(flat / length), flat % length];
    const k = row >> 1;
    const times = k === 0 || 2 * k === length ? 1 : 2;
    const angle = (2 * Math.PI * ((n * k) % length)) / length;
    return ((row & 1 ? -Math.sin(angle) : Math.cos(angle)) * times) / length;
  });
  const dtype = x.dtype === "f64" ? "f64" : "f32";
  const leading = x.shape.slice(0, -2);
  const factors = constantFrom(dtype, matrix, [2 * frequencies, length]);
  return reshape(matmul(reshape(x, [...leading, 2 * frequencies]), factors), [...leading, length, 1]);
}

/** The discrete Fourier transform along an axis of x [..., parts], whose last axis is real and imaginary. */
const fourier: Operator = (call) => {
  const x = call.input(0);
  const rank = x.shape.length;
  const given = call.opset < 20 ? call.int("axis", 1) : (call.numbers(2)?.[0] ?? -2);
  const axis = given < 0 ? given + rank : given;
  const size = x.shape[axis];
  if (typeof size !== "number") return call.refuse(`axis ${axis} of ${formatShape(x.shape)} must be known`);
  const [inverse, onesided] = [call.int("inverse", 0) === 1, call.int("onesided", 0) === 1];
  const toReal = inverse && onesided;
  const length = call.numbers(1)?.[0] ?? (toReal ? 2 * (size - 1) : size);
  const half = Math.floor(length / 2) + 1;
  if (toReal && size !== half)
    return call.refuse(`one-sided frequencies of ${length} numbers must be ${half}, got ${size}`);
  const none = x.shape.map(() => 0);
  const fitted = toReal || length === size ? x : padOrCut(x, none, none.with(axis, length - size), 0);
  const rows = moveAxis(fitted, axis, rank - 2);
  const result = toReal
    ? realSignals(call, rows, length)
    : transform(call, rows, onesided ? half : length, inverse);
  return moveAxis(result, rank - 2, axis);
};

/** Fourier transforms of overlapping frames of signals [N, length, parts]: [N, frames, frequencies, 2]. */
const shortTime: Operator = (call) => {
  const given = call.input(0);
  const x = given.shape.length === 2 ? expandDims(given, -1) : given;
  const length = x.shape[1];
  const step = call.numbers(1)?.[0] ?? call.refuse("the step is missing");
  const window = call.optional(2);
  const frame = call.numbers(3)?.[0] ?? (window ? Number(window.shape[0]) : undefined);
  if (typeof length !== "number" || frame === undefined)
    return call.refuse("the lengths of the signals and of a frame must be known");
  const frames = Math.floor((length - frame) / step) + 1;
  call.bounded(frames * frame, "the number of entries of all frames");
  const places = Array.from({ length: frames * frame }, (_, i) => Math.floor(i / frame) * step + (i % frame));
  const cut = gatherAlong(x, constantFrom("i64", places, [frames, frame]), 1);
  const shaped = window ? mul(cut, reshape(window, [frame, 1])) : cut;
  const frequencies = call.int("onesided", 1) === 1 ? Math.floor(frame / 2) + 1 : frame;
  return transform(call, shaped, frequencies, false);
};

const hertzToMel = (f: number) => 2595 * Math.log10(1 + f / 700);

/** Triangles over the bins of a spectrum, at even distances on the mel scale (Stevens et al. 1937). */
const melWeights: Operator = (call) => {
  const numbers = [0, 1, 2, 3, 4].map((i) => call.numbers(i)?.[0] ?? call.refuse(`input ${i} is missing`));
  const [bands, size, rate, lowest, highest] = numbers;
  const bins = Math.floor(size / 2) + 1;
  call.bounded(bins * bands, "the number of weights");
  const [low, high] = [hertzToMel(lowest), hertzToMel(highest)];
  const edges = Array.from({ length: bands + 2 }, (_, i) => {
    const frequency = 700 * (10 ** ((low + (i * (high - low)) / (bands + 2)) / 2595) - 1);
    return Math.floor(((size + 1) * frequency) / rate);
  });
  const weights = Array.from({ length: bins * bands }, (_, flat) => {
    const [bin, band] = [Math.floor(flat / bands), flat % bands];
    const [left, middle, right] = edges.slice(band, band + 3);
    if (middle === left && bin === middle) return 1;
    if (bin >= left && bin <= middle && middle > left) return (bin - left) / (middle - left);
    return bin > middle && bin < right ? (right - bin) / (right - middle) : 0;
  });
  const dtype = call.importer.elementType(call.int("output_datatype", 1), call.label);
  return constantFrom(dtype, weights, [bins, bands]);
};

export const spectra: Readonly<Record<string, Operator>> = {
  DFT: fourier,
  MelWeightMatrix: melWeights,
  STFT: shortTime,
};
