import { type ArrayValue, flattenTree, isArrayValue } from "@gradus/graph";
import { directionNetwork } from "gradus/nn";
import type { RandomStream } from "gradus/random";
import { directionSizes } from "./direction-sizes.ts";

const { cells, batch, learningRate: _, ...architecture } = directionSizes.step;

export const benchNetwork = directionNetwork({ dimension: 2, ...architecture });

/** The network's parameters layer by layer, and residuals of length 1 whose sum is 0. */
export function addDirectionInputs(
  add: (name: string, value: ArrayValue) => void,
  stream: RandomStream,
): void {
  const parameters = benchNetwork.parameters({ stream: stream.split("weights") });
  flattenTree(parameters, isArrayValue).leaves.forEach((leaf, i) => {
    add(`direction.parameter${i}`, leaf);
  });
  const own = stream.split("residuals");
  const residuals = new Float32Array(batch * cells * cells);
  for (let row = 0; row < batch; row++) {
    const r = own.fillNormal(new Float64Array(cells * cells));
    const mean = r.reduce((sum, value) => sum + value, 0) / r.length;
    const length = Math.sqrt(r.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    residuals.set(
      r.map((value) => (value - mean) / length),
      row * r.length,
    );
  }
  add("direction.residuals", { dtype: "f32", shape: [batch, 1, cells, cells], data: residuals });
}
