import { blasAvailable } from "@gradus/blas";
import { logisticCurvatures, logisticRows } from "@gradus/blas/rows";
import { compiledFrom } from "../linalg/compiled.ts";
import type { ScalarLoss } from "../losses/contract.ts";
import { logisticLoss } from "../losses/logistic.ts";
import type { DesignMap } from "./design-map.ts";
import { type LossPoint, lossPoint } from "./loss-point.ts";

/** The logistic loss for many rows: the same but for rounding, two to four times faster. */
const logisticLossOfRows: ScalarLoss = {
  ...logisticLoss,
  evaluate(outputs, labels, losses, gradient) {
    if (gradient === undefined || losses.length < compiledFrom.lossRows || !blasAvailable())
      logisticLoss.evaluate(outputs, labels, losses, gradient);
    else logisticRows({ outputs, labels, losses, slopes: gradient });
  },
  curvatures(outputs, labels, out) {
    if (out.length < compiledFrom.lossRows || !blasAvailable()) logisticLoss.curvatures(outputs, labels, out);
    else logisticCurvatures(outputs, out);
  },
};

/** The losses of a design's rows: in WebAssembly memory where the design and the loss of its rows are compiled. */
export function logisticPointOf(map: DesignMap, labels: Float64Array): LossPoint {
  const compiled = map.rows < compiledFrom.lossRows ? undefined : map.logisticPoint?.(labels);
  return compiled ?? lossPoint(map, logisticLossOfRows, labels);
}
