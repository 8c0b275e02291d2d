import { moreGarbowHillstrom } from "gradus/objectives";
import { lbfgs, lbfgsb, levenbergMarquardt, minimize, newtonCg, trustRegion } from "gradus/optimize";
import { minimizerSizes } from "../minimizer-sizes.ts";
import type { Runner } from "../worker.ts";

const { problems, gradient } = minimizerSizes;
/** Values that scipy's and these minima of 0 are rounded from. */
const ZERO = 1e-8;
const limits = { gradientTolerance: gradient, maxIterations: 3000 };

export const minimizerNames = ["lbfgs", "lbfgsb", "newton-cg", "trust-region", "levenberg-marquardt"];

async function minimum(name: string, key: (typeof problems)[number]) {
  const { objective, residual, start } = moreGarbowHillstrom[key]();
  switch (name) {
    case "lbfgs":
      return minimize(objective, start, { method: lbfgs, ...limits });
    case "lbfgsb":
      return minimize(objective, start, { method: lbfgsb, ...limits });
    case "newton-cg":
      return minimize(objective, start, { method: newtonCg, ...limits });
    case "trust-region":
      return minimize(objective, start, { method: trustRegion, ...limits });
    default: {
      const found = await minimize(residual, start, { method: levenbergMarquardt, ...limits });
      return { ...found, value: 2 * found.value };
    }
  }
}

/** All problems, one after the other. */
export function minimizers(name: string): Runner {
  let iterations = 0;
  const call = async () => {
    const found = [];
    for (const key of problems) found.push(await minimum(name, key));
    return found;
  };
  return {
    reset() {},
    call,
    unitsPerCall: 1,
    async check() {
      const found = await call();
      iterations = found.reduce((sum, one) => sum + one.iterations, 0);
      return found.map(({ value }) => (value < ZERO ? 0 : value));
    },
    iterations: () => iterations,
  };
}
