import { blockCoordinateDescent, blockLeastSquares, l1 } from "gradus/optimize";
import { convexNetworkSizes } from "../convex-network-sizes.ts";
import type { Inputs } from "../input-files.ts";
import type { Runner } from "../worker.ts";

/** The lasso of the sampled program from its matrix, as `refinedNetworkIterates` solves it. */
export function sampledProgram(inputs: Inputs, rows: number): Runner {
  const { directions: columns, penalty, gap } = convexNetworkSizes;
  const get = (part: string) => Float64Array.from(inputs[`convex-network.${rows}.${part}`].data, Number);
  const features = { rows, columns, values: get("features") };
  const targets = get("targets");
  async function call() {
    const smooth = blockLeastSquares(features, targets);
    const { value } = await blockCoordinateDescent(l1(smooth, penalty * rows), { stop: { dualityGap: gap } });
    smooth[Symbol.dispose]?.();
    return value;
  }
  return { reset() {}, call, unitsPerCall: 1, check: async () => [await call()] };
}
