import type { DenseMatrix } from "gradus/linalg";
import { blockCoordinateDescent, blockLeastSquares, l1 } from "gradus/optimize";
import {
  convexNetworkIterates,
  networkObjective,
  samplePatterns,
  withOnes,
} from "gradus/optimize/convex-networks";
import { convexNetworkSizes, imageNetworkSizes } from "../convex-network-sizes.ts";
import type { Inputs } from "../input-files.ts";
import type { Runner } from "../worker.ts";

const widened = (inputs: Inputs, name: string) => Float64Array.from(inputs[name].data, Number);

function matrix(inputs: Inputs, name: string): DenseMatrix {
  if (inputs[name] === undefined) throw new Error(`no input ${name}: its data files are absent`);
  const [rows, columns] = inputs[name].shape;
  return { rows, columns, values: widened(inputs, name) };
}

/** The lasso of the sampled program from its matrix. */
export function sampledProgram(inputs: Inputs, rows: number): Runner {
  const { penalty, gap } = convexNetworkSizes;
  const features = matrix(inputs, `convex-network.${rows}.features`);
  const targets = widened(inputs, `convex-network.${rows}.targets`);
  async function call() {
    const smooth = blockLeastSquares(features, targets);
    const { value } = await blockCoordinateDescent(l1(smooth, penalty * rows), { stop: { dualityGap: gap } });
    smooth[Symbol.dispose]?.();
    return value;
  }
  return { reset() {}, call, unitsPerCall: 1, check: async () => [await call()] };
}

/** ADMM on the convex program of sampled patterns, until the network it gives has the objective. */
export function imageNetwork(inputs: Inputs): Runner {
  const { beta, objective, admm } = imageNetworkSizes;
  const { patterns: count, rho, relaxation, seed } = admm;
  const x = matrix(inputs, "convex-network.images.x");
  const problem = { x, y: widened(inputs, "convex-network.images.y"), beta };
  let iterations = 0;
  async function call() {
    const patterns = samplePatterns(withOnes(x), { count, seed });
    for await (const iterate of convexNetworkIterates({ ...problem, patterns, rho, relaxation })) {
      const { iteration } = iterate;
      // the network's objective takes a third of an iteration
      if (iteration === 0 || iteration % 2 !== 0) continue;
      if (networkObjective(problem, iterate.network) > objective) continue;
      iterations = iteration;
      return true;
    }
    throw new Error("ADMM ended before the objective");
  }
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    check: async () => [Number(await call())],
    iterations: () => iterations,
  };
}
