import { checkedLength, checkVector, copyVectorOut } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
import { checkOptions } from "../options.ts";
import { rows as family } from "./family.ts";

/** Arguments of `logisticRows`. */
export interface LogisticRowsArguments {
  /** z, one number a row. */
  readonly outputs: Float64Array;
  /** y, -1 or +1. */
  readonly labels: Float64Array;
  /** Written: ln(1 + e^{-y z}). */
  readonly losses: Float64Array;
  /** Written: the derivative in z, -y / (1 + e^{y z}). */
  readonly slopes: Float64Array;
  /** Written where it is given: the second derivative in z. */
  readonly curvatures?: Float64Array;
}

/** Numbers that kernels may touch: two whole vectors. */
export const padded = (count: number) => 4 * Math.ceil(count / 4);

/** The address of a copy with so much room. */
function copyPadded(frame: Frame, values: Float64Array): number {
  const address = frame.numbers(padded(values.length));
  frame.heap.numbers.set(values, address / 8);
  return address;
}

/**
 * The logistic loss of every row, with its derivatives, in one pass: exponentials and logarithms in vectors, each with
 * an error of at most two units in the last place, and the same bits on every machine. NaN stays NaN.
 *
 * @throws BlasArgumentError when the lengths differ
 */
export function logisticRows(options: LogisticRowsArguments): void {
  checkOptions(options, ["outputs", "labels", "losses", "slopes", "curvatures"]);
  const { outputs, labels, losses, slopes, curvatures } = options;
  const n = checkedLength("outputs", outputs);
  checkVector("labels", labels, n);
  checkVector("losses", losses, n);
  checkVector("slopes", slopes, n);
  if (curvatures !== undefined) checkVector("curvatures", curvatures, n);
  withFrame("the losses of rows", (frame) => {
    const [z, y] = [copyPadded(frame, outputs), copyPadded(frame, labels)];
    const loss = frame.numbers(padded(n));
    const slope = frame.numbers(padded(n));
    const curvature = curvatures === undefined ? 0 : frame.numbers(padded(n));
    family().logisticRows(n, z, y, loss, slope, curvature);
    copyVectorOut(frame, loss, losses);
    copyVectorOut(frame, slope, slopes);
    if (curvatures !== undefined) copyVectorOut(frame, curvature, curvatures);
  });
}

/**
 * The second derivative of the logistic loss of every row in its output z: e / (1 + e)^2 with e = e^{-|z|}.
 *
 * @param out overwritten
 * @throws BlasArgumentError when the lengths differ
 */
export function logisticCurvatures(outputs: Float64Array, out: Float64Array): void {
  checkVector("out", out, checkedLength("outputs", outputs));
  withFrame("the curvatures of rows", (frame) => {
    const z = copyPadded(frame, outputs);
    const to = frame.numbers(padded(out.length));
    family().logisticCurvatures(out.length, z, to);
    copyVectorOut(frame, to, out);
  });
}

/** What `logisticWeights` finds out about the margins. */
export interface MarginFigures {
  /** sum_i ln(1 + e^{-m_i}). */
  readonly lossSum: number;
  /** sum_i 1 / (1 + e^{m_i}). */
  readonly weightSum: number;
  /** min_i m_i; infinity where there are none, NaN where one is. */
  readonly least: number;
  /** How many are above 0. */
  readonly positive: number;
}

/**
 * The weights 1 / (1 + e^{m_i}) of margins m_i, and figures of the margins, in one pass.
 *
 * @param weights overwritten
 * @throws BlasArgumentError when the lengths differ
 */
export function logisticWeights(margins: Float64Array, weights: Float64Array): MarginFigures {
  const n = checkedLength("margins", margins);
  checkVector("weights", weights, n);
  return withFrame("the weights of margins", (frame) => {
    const from = copyPadded(frame, margins);
    const to = frame.numbers(padded(n));
    const figures = figuresOfMargins(frame, n, from, to);
    copyVectorOut(frame, to, weights);
    return figures;
  });
}

/** Margins that the kernel takes at a time. */
const BLOCK = 256;

/**
 * The figures of margins in WebAssembly memory.
 *
 * @param margins address of `padded(n)` numbers
 * @param weights address of as many, overwritten by the weights, where these are wanted
 */
export function figuresOfMargins(frame: Frame, n: number, margins: number, weights?: number): MarginFigures {
  const summary = frame.numbers(4);
  const kept = weights === undefined ? 0 : 1;
  family().weightsOfMargins(n, margins, weights ?? frame.numbers(BLOCK), kept, summary);
  const [lossSum, weightSum, least, positive] = frame.heap.numbers.subarray(summary / 8, summary / 8 + 4);
  return { lossSum, weightSum, least, positive };
}
