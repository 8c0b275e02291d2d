import { binaryLogisticLoss } from "gradus/losses";
import {
  innerArmijo,
  linearTargets,
  sso,
  type TargetProblem,
  targetLoss,
  targetProblem,
} from "gradus/target-surrogates";
import { targetSurrogateSizes } from "../target-surrogate-sizes.ts";
import type { Runner } from "../worker.ts";
import { fraction } from "./fraction.ts";

const { rows, columns, batch, innerSteps, eta } = targetSurrogateSizes;
const batches = rows / batch;

/** Features 0 or 1, a fifth of them 1, a constant one at the end; labels in turn with the first feature. */
function binaryProblem(): TargetProblem {
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns - 1; k++) values[i * columns + k] = fraction(i, k + 1) < 0.2 ? 1 : 0;
    values[(i + 1) * columns - 1] = 1;
  }
  const labels = Int32Array.from({ length: rows }, (_, i) => (fraction(i, 0) < 0.5 ? 1 : 0));
  const model = linearTargets({ rows, columns, values });
  const loss = targetLoss(binaryLogisticLoss, labels);
  return {
    ...targetProblem(model, loss, { batchSize: batch }),
    /** Batches in the rows' order, as the other side has them. */
    at(iteration) {
      const first = (iteration % batches) * batch;
      const rowNumbers = Int32Array.from({ length: batch }, (_, i) => first + i);
      return { map: model.on(rowNumbers), loss: loss.on(rowNumbers), rowNumbers, whole: model.on() };
    },
  };
}

/** An epoch of target-based surrogate descent from 0. */
export function surrogateEpoch(): Runner {
  const problem = binaryProblem();
  const inner = innerArmijo({ sufficientDecrease: 0.5 });
  async function epoch(): Promise<Float64Array> {
    for await (const { iteration, theta } of sso(problem, new Float64Array(columns), {
      eta,
      innerSteps,
      inner,
    }))
      if (iteration === batches) return theta;
    throw new Error("the method ended by itself");
  }
  return {
    reset() {},
    call: epoch,
    unitsPerCall: batches * innerSteps,
    async check() {
      const theta = await epoch();
      return [Math.hypot(...theta), theta[0], theta[columns - 1]];
    },
  };
}
