import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegative, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { denseMultiply } from "../../linalg/dense.ts";
import { checkDense, type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import { type RandomStream, randomStream } from "../../random/stream.ts";
import type { LabeledRows } from "../dataset.ts";

const activations = {
  relu: (z: number): number => Math.max(0, z),
  tanh: Math.tanh,
} as const;

export interface TeacherNetworkOptions {
  /** Number of rows. */
  readonly n: number;
  /** Number of features. */
  readonly d: number;
  /** Number of hidden units k. */
  readonly hidden: number;
  readonly activation?: keyof typeof activations;
  /** Standard normal inputs, or inputs uniform on the sphere of radius sqrt(d). */
  readonly inputs?: "normal" | "sphere";
  /** Standard normal hidden weights, or hidden weights uniform on the unit sphere. */
  readonly directions?: "normal" | "sphere";
  /** Output weights +1, or alternating +1 and -1. */
  readonly signs?: "positive" | "alternating";
  /** Standard deviation of normal noise on the targets. */
  readonly noise?: number;
  readonly seed: number;
}

/** Rows with a teacher network's outputs as targets, and the teacher. */
export interface TeacherRows extends LabeledRows<Float64Array> {
  /** Hidden weights, k x d. */
  readonly weights: DenseMatrix;
  /** Output weights, k numbers. */
  readonly outputs: Float64Array;
  /** The teacher's outputs without noise, m numbers for m rows of d features. */
  teacher(rows: DenseMatrix): Float64Array;
}

function fillRows(
  stream: RandomStream,
  rows: number,
  d: number,
  sphere: boolean,
  radius: number,
): Float64Array<ArrayBuffer> {
  const x = zerosOf({ rows, d });
  if (!sphere) return stream.fillNormal(x);
  for (let i = 0; i < rows; i++)
    x.set(
      stream.unitSphere(d).map((u) => radius * u),
      i * d,
    );
  return x;
}

/**
 * Regression targets from a random two-layer network without biases:
 *
 *     y = sum_k b_k s(<v_k, x>) + noise N(0, 1)
 *
 * The teacher, the inputs and the noise use separate random streams, so the teacher does not depend on n.
 *
 * @throws ArgumentError when a size is not a positive integer, the noise is not finite and >= 0, or an option or its
 *   value is unknown
 */
export function teacherNetwork(options: TeacherNetworkOptions): TeacherRows {
  checkGivenOptions("teacherNetwork", options, [
    "n",
    "d",
    "hidden",
    "activation",
    "inputs",
    "directions",
    "signs",
    "noise",
    "seed",
  ]);
  const {
    n,
    d,
    hidden,
    activation = "relu",
    inputs = "normal",
    directions = "normal",
    signs = "positive",
    noise = 0,
    seed,
  } = options;
  checkPositiveInteger({ n, d, hidden });
  checkNonNegative({ noise });
  checkOneOf(Object.keys(activations), { activation });
  checkOneOf(["normal", "sphere"], { inputs, directions });
  checkOneOf(["positive", "alternating"], { signs });
  const s = activations[activation];
  const stream = randomStream(seed);
  const weights = fillRows(stream.split("weights"), hidden, d, directions === "sphere", 1);
  const outputs = Float64Array.from({ length: hidden }, (_, k) =>
    signs === "alternating" && k % 2 === 1 ? -1 : 1,
  );
  const x = denseMatrix(fillRows(stream.split("inputs"), n, d, inputs === "sphere", Math.sqrt(d)), n, d);

  function teacher(rows: DenseMatrix): Float64Array<ArrayBuffer> {
    checkDense("rows", rows);
    const m = rows.rows;
    if (rows.columns !== d) throw new ArgumentError(`rows must have d = ${d} columns, got ${rows.columns}`);
    const result = new Float64Array(m);
    const unit = new Float64Array(m);
    for (let k = 0; k < hidden; k++) {
      denseMultiply(rows.values, m, d, weights.subarray(k * d, (k + 1) * d), unit);
      for (let i = 0; i < m; i++) result[i] += outputs[k] * s(unit[i]);
    }
    return result;
  }

  const y = teacher(x);
  if (noise > 0) {
    const errors = stream.split("noise").fillNormal(new Float64Array(n));
    for (let i = 0; i < n; i++) y[i] += noise * errors[i];
  }
  return { x, y, weights: denseMatrix(weights, hidden, d), outputs, teacher };
}
