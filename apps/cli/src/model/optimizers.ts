import {
  adagrad,
  adam,
  adamw,
  type GradientTransformation,
  heavyBall,
  nesterov,
  rmsprop,
  sgd,
} from "gradus/train";
import type { OptimizerName } from "./choices.ts";

interface NamedOptimizer {
  readonly learningRate: number;
  readonly make: (learningRate: number) => GradientTransformation;
}

/** The optimizers of `--optimizer` with their default learning rates. */
export const optimizers: Readonly<Record<OptimizerName, NamedOptimizer>> = {
  adam: { learningRate: 0.001, make: (learningRate) => adam({ learningRate }) },
  adamw: { learningRate: 0.001, make: (learningRate) => adamw({ learningRate }) },
  sgd: { learningRate: 0.01, make: (learningRate) => sgd({ learningRate }) },
  momentum: { learningRate: 0.01, make: (learningRate) => heavyBall({ learningRate }) },
  nesterov: { learningRate: 0.01, make: (learningRate) => nesterov({ learningRate }) },
  rmsprop: { learningRate: 0.001, make: (learningRate) => rmsprop({ learningRate }) },
  adagrad: { learningRate: 0.01, make: (learningRate) => adagrad({ learningRate }) },
};
