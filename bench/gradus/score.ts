import { scoreRegression, trainScoreNetwork, variancePreservingProcess } from "gradus/diffusion";
import { solve } from "gradus/iterate";
import { denseMatrix } from "gradus/linalg";
import { scoreSizes } from "../score-sizes.ts";
import type { Runner } from "../worker.ts";
import { fraction } from "./fraction.ts";

const { rows, inputs, outputs, width, learningRate, checkedSteps } = scoreSizes;

const numbers = (length: number, scale: number, k: number) =>
  Float64Array.from({ length }, (_, i) => scale * Math.sqrt(12) * (fraction(i + 1, k) - 0.5));

/** Steps of gradient descent on the hidden weights, one a call. */
export function scoreNetwork(): Runner {
  const clean = denseMatrix(numbers(rows * outputs, 1, 2), rows, outputs);
  const data = {
    ...scoreRegression(variancePreservingProcess(), clean, { seed: 1 }),
    clean,
    inputs: denseMatrix(numbers(rows * inputs, 1, 1), rows, inputs),
  };
  const network = {
    inputs,
    outputs,
    width,
    weights: Float32Array.from(numbers(width * inputs, 1, 3)),
    outputWeights: Float32Array.from(numbers(width * outputs, 1, 4), (x) => Math.sign(x) / Math.sqrt(width)),
  };
  const start = () => trainScoreNetwork(network, data, { learningRate });
  let run = start();
  return {
    reset() {
      run = start();
    },
    async call() {
      await run.next();
    },
    unitsPerCall: 1,
    async check() {
      const { iterate } = await solve(start(), { maxIterations: checkedSteps });
      const { weights, loss } = iterate;
      return [loss, weights.reduce((sum, w) => sum + w * w, 0), weights[0], weights[width * inputs - 1]];
    },
  };
}
