import { array, type Tensor, tanh } from "@gradus/graph";
import { meanSquaredError } from "../losses/traced/regression.ts";
import { dense, denseParameters } from "../nn/dense.ts";
import { randomStream } from "../random/stream.ts";
import { adagrad, adagradNorm } from "./adagrad.ts";
import { adam, adamw } from "./adam.ts";
import { rmsprop } from "./rmsprop.ts";
import { cosineDecay } from "./schedules/cosine-decay.ts";
import { exponentialDecay } from "./schedules/exponential-decay.ts";
import { inverseTimeDecay } from "./schedules/inverse-time-decay.ts";
import { piecewiseConstant } from "./schedules/piecewise-constant.ts";
import { bySamples } from "./schedules/schedule.ts";
import { warmUp } from "./schedules/warm-up.ts";
import { heavyBall, nesterov, sgd } from "./sgd.ts";
import type { GradientTransformation } from "./transformation.ts";
import { chain } from "./transformation.ts";
import { averageGradients } from "./transformations/average-gradients.ts";
import { clipByGlobalNorm, clipByTensorNorm } from "./transformations/clip-by-norm.ts";
import { clipByValue } from "./transformations/clip-by-value.ts";
import { scaleByLearningRate } from "./transformations/learning-rate.ts";

/** A small regression, for tests: 23 rows, so that batches of 5 leave 3 over. */
export function regression(dtype: "f32" | "f64", rows = 23) {
  const stream = randomStream(17);
  const numbers = (length: number, of: (i: number) => number) =>
    dtype === "f32"
      ? Float32Array.from({ length }, (_, i) => of(i))
      : Float64Array.from({ length }, (_, i) => of(i));
  const x = numbers(rows * 3, () => stream.normal());
  const y = numbers(rows, (i) => Math.sin(x[3 * i] + x[3 * i + 1]) - 0.5 * x[3 * i + 2]);
  const layers = randomStream(5);
  return {
    data: { x: array(x, [rows, 3]), y: array(y, [rows, 1]) },
    parameters: {
      hidden: denseParameters({ inputs: 3, outputs: 6, stream: layers, dtype }),
      output: denseParameters({ inputs: 6, outputs: 1, stream: layers, dtype }),
    },
  };
}

type Layer = { readonly weights: Tensor; readonly bias: Tensor };

/** The mean squared error of a small network. */
export function networkLoss(
  { hidden, output }: { readonly hidden: Layer; readonly output: Layer },
  { x, y }: { readonly x: Tensor; readonly y: Tensor },
): Tensor {
  return meanSquaredError(dense(output, tanh(dense(hidden, x))), y);
}

/** Every ready-made optimizer, every transformation and every kind of schedule at least once. */
export const optimizers: Readonly<Record<string, () => GradientTransformation>> = {
  sgd: () => sgd({ learningRate: 0.1 }),
  "sgd, 1/sqrt(t)": () => sgd({ learningRate: inverseTimeDecay({ initial: 0.2, power: 0.5 }) }),
  "sgd, exponential": () => sgd({ learningRate: exponentialDecay({ initial: 0.2, factor: 0.5, counts: 7 }) }),
  "heavy ball, warm-up by samples": () =>
    heavyBall({
      learningRate: bySamples(
        warmUp(cosineDecay({ initial: 0.05, final: 0.001, counts: 90 }), { counts: 20 }),
      ),
    }),
  nesterov: () => nesterov({ learningRate: piecewiseConstant({ values: [0.05, 0.01], boundaries: [6] }) }),
  adam: () => adam({ learningRate: 0.02 }),
  "adamw, weights only": () =>
    adamw({ learningRate: 0.02, weightDecay: 0.1, where: (path) => path.endsWith("weights") }),
  adagrad: () => adagrad({ learningRate: 0.1 }),
  adagradNorm: () => adagradNorm({ learningRate: 0.5 }),
  "rmsprop, centered, with momentum": () => rmsprop({ learningRate: 0.01, centered: true, momentum: 0.5 }),
  "clipped three times and averaged": () =>
    chain(
      clipByValue(1),
      clipByTensorNorm(0.8),
      clipByGlobalNorm(1),
      averageGradients({ biasCorrection: true }),
      scaleByLearningRate(0.1),
    ),
};
