import { kernelScore, scoreRegression, trainScoreNetwork, variancePreservingProcess } from "gradus/diffusion";
import { solve } from "gradus/iterate";
import { denseMatrix } from "gradus/linalg";
import { scoreSizes } from "../score-sizes.ts";
import type { Runner } from "../worker.ts";
import { fraction } from "./fraction.ts";

const { rows, inputs, outputs, width, learningRate, checkedSteps, kernel } = scoreSizes;

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

/** Kernel gradient descent on two noisy functions of the rows, until the step that SURE chooses. */
export function scoreKernel(): Runner {
  const z = numbers(kernel.rows * inputs, 1, 1);
  const noise = numbers(kernel.rows * outputs, kernel.noise, 2);
  const values = noise.map((error, i) => {
    const [a, b, c] = z.subarray(inputs * Math.floor(i / 2));
    return (i % 2 === 0 ? Math.abs(a) : b * c) + error;
  });
  const clean = denseMatrix(values, kernel.rows, outputs);
  const data = {
    ...scoreRegression(variancePreservingProcess(), clean, { seed: 1 }),
    clean,
    inputs: denseMatrix(z, kernel.rows, inputs),
  };
  const call = async () => {
    const { path, stop } = await kernelScore(data);
    const steps = await stop({ rule: "sure", noise: kernel.noise });
    const { values: dual } = path.dual([steps]);
    return [steps, path.degreesOfFreedom(steps), dual.reduce((sum, a) => sum + a * a, 0)];
  };
  return { reset() {}, call, unitsPerCall: 1, check: call };
}
