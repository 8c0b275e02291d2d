import { BlasArgumentError } from "../errors.ts";
import { checkVector, copyVectorOut } from "../matrix.ts";
import { type Frame, withFrame } from "../memory.ts";
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
const padded = (count: number) => 4 * Math.ceil(count / 4);

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
  const { outputs, labels, losses, slopes, curvatures } = options;
  if (!(outputs instanceof Float64Array))
    throw new BlasArgumentError(`outputs must be a Float64Array, got ${typeof outputs}`);
  const n = outputs.length;
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
  if (!(outputs instanceof Float64Array))
    throw new BlasArgumentError(`outputs must be a Float64Array, got ${typeof outputs}`);
  checkVector("out", out, outputs.length);
  withFrame("the curvatures of rows", (frame) => {
    const z = copyPadded(frame, outputs);
    const to = frame.numbers(padded(out.length));
    family().logisticCurvatures(out.length, z, to);
    copyVectorOut(frame, to, out);
  });
}
