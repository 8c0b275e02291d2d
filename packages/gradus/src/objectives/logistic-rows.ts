import { blasAvailable } from "@gradus/blas";
import { logisticCurvatures, logisticRows } from "@gradus/blas/rows";
import type { ScalarLoss } from "../losses/contract.ts";
import { logisticLoss } from "../losses/logistic.ts";

/** Rows from which vectors of exponentials pay for the copies into WebAssembly memory and back. */
const VECTOR_ROWS = 128;

/** The logistic loss for many rows: the same but for rounding, two to four times faster. */
export const logisticLossOfRows: ScalarLoss = {
  ...logisticLoss,
  evaluate(outputs, labels, losses, gradient) {
    if (gradient === undefined || losses.length < VECTOR_ROWS || !blasAvailable())
      logisticLoss.evaluate(outputs, labels, losses, gradient);
    else logisticRows({ outputs, labels, losses, slopes: gradient });
  },
  curvatures(outputs, labels, out) {
    if (out.length < VECTOR_ROWS || !blasAvailable()) logisticLoss.curvatures(outputs, labels, out);
    else logisticCurvatures(outputs, out);
  },
};
