import { teacherNetwork } from "./data/index.ts";
import { denseMatrix } from "./linalg/index.ts";
import {
  logisticRegression,
  type Objective,
  rosenbrock,
  rosenbrockResidual,
  twoLayerReLU,
  twoLayerReluStart,
} from "./objectives/index.ts";
import {
  adaptiveGradientDescent,
  adaSketchNewton,
  augmentedLagrangian,
  blockCoordinateIterates,
  blockLeastSquares,
  blockLogistic,
  blockQuadratic,
  cubicNewton,
  equalityTestProblems,
  fastGradientMethod,
  gaussNewton,
  gnsGradient,
  gnsNewton,
  gradientDescent,
  gradientMethod,
  gradientRegularizedNewton,
  l1,
  lbfgs,
  lbfgsb,
  levenbergMarquardt,
  newtonCg,
  nonlinearConjugateGradient,
  normalizedGradientDescent,
  separationIterates,
  sqpL1,
  stochasticArmijo,
  stochasticGradientDescent,
  strongWolfe,
  superUniversalNewton,
  trustRegion,
} from "./optimize/index.ts";
import { randomStream } from "./random/index.ts";
import { definite, right } from "./resume-linalg-testing.ts";
import type { Runs } from "./resume-testing.ts";

const rows = denseMatrix(randomStream(6).fillNormal(new Float64Array(60 * 5)), 60, 5);
const labels = Int32Array.from({ length: 60 }, (_, i) => (rows.values[5 * i] + Math.sin(i) > 0 ? 1 : -1));
const fit: Objective = logisticRegression(rows, labels);
const origin = new Float64Array(5);
const valley = rosenbrock(2);
const away = Float64Array.of(-1.2, 1);
const shape = { features: 6, hidden: 10 };
const examples = teacherNetwork({ n: 12, d: 6, hidden: 3, inputs: "sphere", directions: "sphere", seed: 1 });
const { problem: curved, start: feasible } = equalityTestProblems[0];
const targets = randomStream(7).fillNormal(new Float64Array(60));

/** Methods that minimize with derivatives. */
export const descentRuns: Runs = {
  gradientDescent: (options) => gradientDescent(valley, away, options),
  gradientMethod: (options) => gradientMethod(fit, origin, options),
  fastGradientMethod: (options) => fastGradientMethod(fit, origin, options),
  nonlinearConjugateGradient: (options) => nonlinearConjugateGradient(valley, away, options),
  lbfgs: (options) => lbfgs(valley, away, options),
  "lbfgs: strong Wolfe, memory 3": (options) =>
    lbfgs(fit, origin, { memory: 3, search: strongWolfe, ...options }),
  lbfgsb: (options) => lbfgsb(valley, away, { lower: -1.5, upper: 0.5, ...options }),
  cubicNewton: (options) => cubicNewton(fit, origin, options),
  superUniversalNewton: (options) => superUniversalNewton(fit, origin, options),
  gnsNewton: (options) => gnsNewton(fit, origin, options),
  gnsGradient: (options) => gnsGradient(fit, origin, options),
  adaptiveGradientDescent: (options) => adaptiveGradientDescent(fit, origin, options),
  normalizedGradientDescent: (options) => normalizedGradientDescent(fit, origin, options),
  gradientRegularizedNewton: (options) => gradientRegularizedNewton(fit, origin, options),
  newtonCg: (options) => newtonCg(valley, away, options),
  trustRegion: (options) => trustRegion(valley, away, options),
  gaussNewton: (options) => gaussNewton(rosenbrockResidual, away, options),
  levenbergMarquardt: (options) => levenbergMarquardt(rosenbrockResidual, away, options),
  stochasticArmijo: (options) =>
    stochasticArmijo(
      (k) => {
        const own = Array.from({ length: 10 }, (_, i) => (7 * k + i) % 60);
        const values = own.flatMap((row) => [...rows.values.subarray(5 * row, 5 * row + 5)]);
        return logisticRegression(
          denseMatrix(values, 10, 5),
          Int32Array.from(own, (row) => labels[row]),
        );
      },
      origin,
      options,
    ),
  stochasticGradientDescent: (options) =>
    stochasticGradientDescent(twoLayerReLU(shape).on(examples), {
      start: twoLayerReluStart(shape, { seed: 1 }),
      ...{ learningRate: 0.01, clip: 10, stepsPerIterate: 5 },
      ...options,
    }),
  separationIterates: (options) =>
    separationIterates({ A: rows, y: labels, method: "gd", step: 4, stop: "never", ...options }),
  "separationIterates: perceptron": (options) =>
    separationIterates({ A: rows, y: labels, method: "perceptron", stop: "never", ...options }),
  adaSketchNewton: (options) => adaSketchNewton(curved, feasible, options),
  augmentedLagrangian: (options) => augmentedLagrangian(curved, feasible, options),
  sqpL1: (options) => sqpL1(curved, feasible, options),
  blockCoordinateIterates: (options) => blockCoordinateIterates(blockQuadratic(definite, right), options),
  "blockCoordinateIterates: lasso": (options) =>
    blockCoordinateIterates(l1(blockLeastSquares(rows, targets), 0.5), options),
  "blockCoordinateIterates: logistic": (options) =>
    blockCoordinateIterates(blockLogistic(rows, labels), options),
};
