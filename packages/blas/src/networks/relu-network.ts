import { BlasArgumentError, kindOf } from "../errors.ts";
import { type Frame, withFrame } from "../memory.ts";
import { networks as family } from "./family.ts";

/** Four units and the points of two vectors share loads. */
const UNITS = 4;
const POINTS = 8;

/** A two-layer network  f_k(z) = sum_u a_uk max(w_u . z, 0)  and n points, in float32. */
export interface ReluNetworkArguments {
  /** n x D, row-major. */
  readonly inputs: Float32Array;
  /** w, m x D, row-major. */
  readonly weights: Float32Array;
  /** a, m x K, row-major. */
  readonly outputWeights: Float32Array;
  /** D, the numbers of a point. */
  readonly dimension: number;
  /** K. */
  readonly outputs: number;
}

interface Sizes {
  readonly points: number;
  readonly units: number;
  /** The sizes rounded up to whole vectors and groups. */
  readonly paddedPoints: number;
  readonly paddedUnits: number;
}

function rowsOf(name: string, values: Float32Array, columns: number): number {
  if (!(values instanceof Float32Array))
    throw new BlasArgumentError(`${name} must be a Float32Array, got ${kindOf(values)}`);
  const rows = values.length / columns;
  if (!Number.isInteger(rows))
    throw new BlasArgumentError(
      `${name} must be a Float32Array of a multiple of ${columns} numbers, got ${values.length} numbers`,
    );
  return rows;
}

function sizesOf({ inputs, weights, outputWeights, dimension, outputs }: ReluNetworkArguments): Sizes {
  for (const [name, size] of Object.entries({ dimension, outputs }))
    if (!Number.isInteger(size) || size < 1)
      throw new BlasArgumentError(`${name} must be an integer >= 1, got ${size}`);
  const points = rowsOf("inputs", inputs, dimension);
  const units = rowsOf("weights", weights, dimension);
  if (rowsOf("outputWeights", outputWeights, outputs) !== units)
    throw new BlasArgumentError(
      `outputWeights must have ${units} x ${outputs} numbers, got ${outputWeights.length}`,
    );
  const padded = (count: number, group: number) => group * Math.ceil(count / group);
  return { points, units, paddedPoints: padded(points, POINTS), paddedUnits: padded(units, UNITS) };
}

/** The address of zeros, and the view of them, which is good until the next allocation. */
function zeros(frame: Frame, count: number): number {
  const address = frame.bytes(4 * count);
  new Float32Array(frame.heap.memory.buffer, address, count).fill(0);
  return address;
}

const viewAt = (frame: Frame, address: number, count: number) =>
  new Float32Array(frame.heap.memory.buffer, address, count);

/** The address of a copy in columns, padded with zeros. */
function columnsIn(frame: Frame, values: Float32Array, columns: number, padded: number): number {
  const address = zeros(frame, columns * padded);
  const view = viewAt(frame, address, columns * padded);
  const rows = values.length / columns;
  for (let i = 0; i < rows; i++)
    for (let c = 0; c < columns; c++) view[c * padded + i] = values[i * columns + c];
  return address;
}

/** The address of a copy of rows, padded with zeros. */
function rowsIn(frame: Frame, values: Float32Array, count: number): number {
  const address = zeros(frame, count);
  viewAt(frame, address, values.length).set(values);
  return address;
}

/** What both passes read. */
function place(frame: Frame, network: ReluNetworkArguments, { paddedPoints, paddedUnits }: Sizes) {
  const { inputs, weights, outputWeights, dimension, outputs } = network;
  return {
    inputs: columnsIn(frame, inputs, dimension, paddedPoints),
    weights: rowsIn(frame, weights, paddedUnits * dimension),
    signs: rowsIn(frame, outputWeights, paddedUnits * outputs),
    stride: 4 * paddedPoints,
  };
}

/**
 * f_k(z) = sum_u a_uk max(w_u . z, 0) at n points.
 *
 * @returns n x K, row-major
 * @throws BlasArgumentError when the sizes do not fit
 */
export function reluNetworkOutputs(network: ReluNetworkArguments): Float32Array<ArrayBuffer> {
  const sizes = sizesOf(network);
  const { points, paddedPoints, paddedUnits } = sizes;
  const { dimension, outputs } = network;
  return withFrame("the outputs of a network", (frame) => {
    const { inputs, weights, signs, stride } = place(frame, network, sizes);
    const out = zeros(frame, outputs * paddedPoints);
    family().networkOutputs(
      paddedUnits,
      paddedPoints,
      dimension,
      outputs,
      inputs,
      weights,
      signs,
      out,
      stride,
      frame.bytes(family().reluWorkspace()),
    );
    const view = viewAt(frame, out, outputs * paddedPoints);
    const result = new Float32Array(points * outputs);
    for (let i = 0; i < points; i++)
      for (let k = 0; k < outputs; k++) result[i * outputs + k] = view[k * paddedPoints + i];
    return result;
  });
}

/**
 * The gradient of  sum_jk r_jk f_k(z_j)  in the hidden weights,  sum_j 1{w_u . z_j > 0} (sum_k a_uk r_jk) z_j.
 *
 * @param residuals r, n x K, row-major
 * @returns m x D, row-major
 * @throws BlasArgumentError when the sizes do not fit
 */
export function reluNetworkGradient(
  network: ReluNetworkArguments & { readonly residuals: Float32Array },
): Float32Array<ArrayBuffer> {
  const sizes = sizesOf(network);
  const { points, units, paddedPoints, paddedUnits } = sizes;
  const { dimension, outputs, residuals } = network;
  if (rowsOf("residuals", residuals, outputs) !== points)
    throw new BlasArgumentError(
      `residuals must have ${points} x ${outputs} numbers, got ${residuals.length}`,
    );
  return withFrame("the gradient of a network", (frame) => {
    const { inputs, weights, signs, stride } = place(frame, network, sizes);
    const errors = columnsIn(frame, residuals, outputs, paddedPoints);
    const gradients = zeros(frame, paddedUnits * dimension);
    const work = frame.bytes(family().reluWorkspace());
    family().unitGradients(
      paddedUnits,
      paddedPoints,
      dimension,
      outputs,
      inputs,
      weights,
      signs,
      errors,
      stride,
      gradients,
      work,
    );
    return viewAt(frame, gradients, units * dimension).slice();
  });
}
