import { BlasArgumentError, DisposedError, kindOf } from "../errors.ts";
import { checkAttached } from "../matrix.ts";
import { Frame, sharedHeap, withFrame } from "../memory.ts";
import { checkOptions } from "../options.ts";
import { networks as family } from "./family.ts";

/** Four units and the points of two vectors share loads. */
const UNITS = 4;
const POINTS = 8;

/** Two-layer networks  f_k(z) = sum_u a_uk max(w_u . z, 0)  of m units, without the hidden weights w, and n points, in float32. */
export interface ReluNetworkPoints {
  /** n x D, row-major. */
  readonly inputs: Float32Array;
  /** a, m x K, row-major. */
  readonly outputWeights: Float32Array;
  /** D, the numbers of a point. */
  readonly dimension: number;
  /** K. */
  readonly outputs: number;
}

/** A two-layer network and n points, in float32. */
export interface ReluNetworkArguments extends ReluNetworkPoints {
  /** w, m x D, row-major. */
  readonly weights: Float32Array;
}

function checkRows(name: string, values: Float32Array, columns: number, rows: number): void {
  if (rowsOf(name, values, columns) !== rows)
    throw new BlasArgumentError(`${name} must have ${rows} x ${columns} numbers, got ${values.length}`);
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
  checkAttached(name, values);
  const rows = values.length / columns;
  if (!Number.isInteger(rows))
    throw new BlasArgumentError(
      `${name} must be a Float32Array of a multiple of ${columns} numbers, got ${values.length} numbers`,
    );
  return rows;
}

const ARGUMENTS: readonly string[] = ["inputs", "outputWeights", "dimension", "outputs"];

function sizesOf(network: ReluNetworkPoints, ...others: readonly string[]): Sizes {
  checkOptions(network, [...ARGUMENTS, ...others]);
  const { inputs, outputWeights, dimension, outputs } = network;
  for (const [name, size] of Object.entries({ dimension, outputs }))
    if (!Number.isInteger(size) || size < 1)
      throw new BlasArgumentError(`${name} must be an integer >= 1, got ${size}`);
  const points = rowsOf("inputs", inputs, dimension);
  const units = rowsOf("outputWeights", outputWeights, outputs);
  const padded = (count: number, group: number) => group * Math.ceil(count / group);
  return { points, units, paddedPoints: padded(points, POINTS), paddedUnits: padded(units, UNITS) };
}

const viewAt = (address: number, count: number) =>
  new Float32Array(sharedHeap().memory.buffer, address, count);

/** The address of zeros. */
function zeros(frame: Frame, count: number): number {
  const address = frame.bytes(4 * count);
  viewAt(address, count).fill(0);
  return address;
}

/** Copies rows into columns; what pads these stays. */
function writeColumns(address: number, values: Float32Array, columns: number, padded: number): void {
  const view = viewAt(address, columns * padded);
  const rows = values.length / columns;
  for (let i = 0; i < rows; i++)
    for (let c = 0; c < columns; c++) view[c * padded + i] = values[i * columns + c];
}

/** The address of a copy in columns, padded with zeros. */
function columnsIn(frame: Frame, values: Float32Array, columns: number, padded: number): number {
  const address = zeros(frame, columns * padded);
  writeColumns(address, values, columns, padded);
  return address;
}

/** The address of a copy of rows, padded with zeros. */
function rowsIn(frame: Frame, values: Float32Array, count: number): number {
  const address = zeros(frame, count);
  viewAt(address, values.length).set(values);
  return address;
}

/** The numbers of a network and its points. */
interface NetworkNumbers {
  /** The c-th number of point i. */
  readonly input: (i: number, c: number) => number;
  readonly weights: Float32Array;
  readonly signs: Float32Array;
}

/** Where the parts are of points and networks that stay in WebAssembly memory. */
interface Places {
  readonly inputs: number;
  readonly signs: number;
  readonly weights: number;
  readonly outputs: number;
  readonly residuals: number;
  readonly gradients: number;
  /** Which units are active at which points. */
  readonly gates: number;
  readonly work: number;
}

function placesIn(frame: Frame, network: ReluNetworkPoints, { paddedPoints, paddedUnits }: Sizes): Places {
  const { inputs, outputWeights, dimension, outputs } = network;
  return {
    inputs: columnsIn(frame, inputs, dimension, paddedPoints),
    signs: rowsIn(frame, outputWeights, paddedUnits * outputs),
    weights: zeros(frame, paddedUnits * dimension),
    outputs: zeros(frame, outputs * paddedPoints),
    residuals: zeros(frame, outputs * paddedPoints),
    gradients: zeros(frame, paddedUnits * dimension),
    gates: frame.bytes(family().reluGateBytes(paddedUnits, paddedPoints)),
    work: frame.bytes(family().reluWorkspace()),
  };
}

/** The outputs at a place as rows. */
function rowsOut(address: number, { points, paddedPoints }: Sizes, outputs: number) {
  const view = viewAt(address, outputs * paddedPoints);
  const result = new Float32Array(points * outputs);
  for (let i = 0; i < points; i++)
    for (let k = 0; k < outputs; k++) result[i * outputs + k] = view[k * paddedPoints + i];
  return result;
}

/** Frees the memory of residents that have become unreachable. */
const forgotten = new FinalizationRegistry<Frame>((frame) => frame.release());

/**
 * Computes the rows with NaN anew, where units fill a group of four: their weights of 0 make NaN of an infinite input, whatever
 * the network's own units make of it.
 */
function withoutPadding(
  result: Float32Array<ArrayBuffer>,
  { units, paddedUnits }: Sizes,
  { dimension, outputs }: Pick<ReluNetworkPoints, "dimension" | "outputs">,
  { input, weights, signs }: NetworkNumbers,
): Float32Array<ArrayBuffer> {
  if (units === paddedUnits || !result.some(Number.isNaN)) return result;
  for (let i = 0; i * outputs < result.length; i++) {
    const row = result.subarray(i * outputs, (i + 1) * outputs);
    if (!row.some(Number.isNaN)) continue;
    row.fill(0);
    for (let u = 0; u < units; u++) {
      let sum = 0;
      for (let c = 0; c < dimension; c++)
        sum = Math.fround(sum + Math.fround(weights[u * dimension + c] * input(i, c)));
      for (let k = 0; k < outputs; k++) row[k] += Math.fround(signs[u * outputs + k] * Math.max(sum, 0));
    }
  }
  return result;
}

/**
 * Points and output weights that live in WebAssembly memory, for the steps of training the hidden weights. `using`,
 * `dispose()` or, at some time, garbage collection gives the memory back.
 */
export class ResidentReluNetwork {
  readonly #sizes: Sizes;
  readonly #dimension: number;
  readonly #outputs: number;
  readonly #frame = new Frame("a network's points");
  #places: Places | undefined;
  /** Whether the outputs that were evaluated last are numbers. */
  #evaluated: { readonly isNumber: boolean } | undefined;

  /** @throws BlasArgumentError when the sizes do not fit; OutOfMemoryError */
  constructor(network: ReluNetworkPoints) {
    this.#sizes = sizesOf(network);
    this.#dimension = network.dimension;
    this.#outputs = network.outputs;
    try {
      this.#places = placesIn(this.#frame, network, this.#sizes);
    } catch (error) {
      this.#frame.release();
      throw error;
    }
    forgotten.register(this, this.#frame, this);
  }

  #present(): Places {
    if (this.#places === undefined)
      throw new DisposedError("a resident network was used after it was disposed of");
    return this.#places;
  }

  /**
   * f_k(z) = sum_u a_uk max(w_u . z, 0) at the points, n x K, row-major.
   *
   * @param weights w, m x D, row-major
   * @throws BlasArgumentError when the size does not fit; DisposedError
   */
  evaluate(weights: Float32Array): Float32Array<ArrayBuffer> {
    const places = this.#present();
    const { units, paddedPoints, paddedUnits } = this.#sizes;
    checkRows("weights", weights, this.#dimension, units);
    viewAt(places.weights, weights.length).set(weights);
    viewAt(places.outputs, this.#outputs * paddedPoints).fill(0);
    family().networkOutputs(
      paddedUnits,
      paddedPoints,
      this.#dimension,
      this.#outputs,
      places.inputs,
      places.weights,
      places.signs,
      places.outputs,
      4 * paddedPoints,
      places.gates,
    );
    const inputs = viewAt(places.inputs, this.#dimension * paddedPoints);
    const result = withoutPadding(
      rowsOut(places.outputs, this.#sizes, this.#outputs),
      this.#sizes,
      { dimension: this.#dimension, outputs: this.#outputs },
      {
        input: (i, c) => inputs[c * paddedPoints + i],
        weights,
        signs: viewAt(places.signs, units * this.#outputs),
      },
    );
    this.#evaluated = { isNumber: !result.some(Number.isNaN) };
    return result;
  }

  /**
   * The gradient of  sum_jk r_jk f_k(z_j)  at the weights that were evaluated last,
   * sum_j 1{w_u . z_j > 0} (sum_k a_uk r_jk) z_j,  m x D, row-major; NaN where an output was NaN.
   *
   * @param residuals r, n x K, row-major
   * @throws BlasArgumentError when the size does not fit, or before the first evaluation; DisposedError
   */
  gradient(residuals: Float32Array): Float32Array<ArrayBuffer> {
    const places = this.#present();
    if (this.#evaluated === undefined)
      throw new BlasArgumentError("gradient needs weights that were evaluated before");
    const { points, units, paddedPoints, paddedUnits } = this.#sizes;
    checkRows("residuals", residuals, this.#outputs, points);
    if (!this.#evaluated.isNumber) return new Float32Array(units * this.#dimension).fill(Number.NaN);
    writeColumns(places.residuals, residuals, this.#outputs, paddedPoints);
    const gradients = viewAt(places.gradients, paddedUnits * this.#dimension).fill(0);
    family().unitGradients(
      paddedUnits,
      paddedPoints,
      this.#dimension,
      this.#outputs,
      places.inputs,
      places.signs,
      places.residuals,
      4 * paddedPoints,
      places.gates,
      places.gradients,
      places.work,
    );
    return gradients.slice(0, units * this.#dimension);
  }

  /** Gives the memory back. */
  dispose(): void {
    if (this.#places === undefined) return;
    forgotten.unregister(this);
    this.#frame.release();
    this.#places = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * f_k(z) = sum_u a_uk max(w_u . z, 0) at n points.
 *
 * @returns n x K, row-major
 * @throws BlasArgumentError when the sizes do not fit
 */
export function reluNetworkOutputs(network: ReluNetworkArguments): Float32Array<ArrayBuffer> {
  const sizes = sizesOf(network, "weights");
  const { paddedPoints, paddedUnits } = sizes;
  const { inputs, weights, outputWeights, dimension, outputs } = network;
  checkRows("weights", weights, dimension, sizes.units);
  return withFrame("the outputs of a network", (frame) => {
    const out = zeros(frame, outputs * paddedPoints);
    family().networkOutputs(
      paddedUnits,
      paddedPoints,
      dimension,
      outputs,
      columnsIn(frame, inputs, dimension, paddedPoints),
      rowsIn(frame, weights, paddedUnits * dimension),
      rowsIn(frame, outputWeights, paddedUnits * outputs),
      out,
      4 * paddedPoints,
      0,
    );
    return withoutPadding(
      rowsOut(out, sizes, outputs),
      sizes,
      { dimension, outputs },
      { input: (i, c) => inputs[i * dimension + c], weights, signs: outputWeights },
    );
  });
}

/**
 * The gradient of  sum_jk r_jk f_k(z_j)  in the hidden weights,  sum_j 1{w_u . z_j > 0} (sum_k a_uk r_jk) z_j;  NaN where
 * an output is NaN.
 *
 * @param residuals r, n x K, row-major
 * @returns m x D, row-major
 * @throws BlasArgumentError when the sizes do not fit
 */
export function reluNetworkGradient(
  network: ReluNetworkArguments & { readonly residuals: Float32Array },
): Float32Array<ArrayBuffer> {
  checkOptions(network, [...ARGUMENTS, "weights", "residuals"]);
  const { weights, residuals, ...points } = network;
  const resident = new ResidentReluNetwork(points);
  try {
    resident.evaluate(weights);
    return resident.gradient(residuals);
  } finally {
    resident.dispose();
  }
}
