import {
  add,
  div,
  mul,
  neg,
  type Operand,
  scalar,
  sqrt,
  square,
  sub,
  type Tensor,
  zerosLike,
} from "@gradus/graph";
import { ArgumentError } from "../errors.ts";
import { positiveRate } from "./sgd.ts";
import type { GradientTransformation } from "./transformation.ts";

export interface AdamOptions {
  /** A number, or a scalar tensor (an input of the program). */
  readonly learningRate: Operand;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

export type AdamState = {
  readonly first: readonly Tensor[];
  readonly second: readonly Tensor[];
  /** beta1^t and beta2^t after t steps. */
  readonly decay1: Tensor;
  readonly decay2: Tensor;
};

/**
 * Adam (Kingma and Ba, 2015, Algorithm 1): m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, and the update
 * -learningRate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
 *
 * @throws ArgumentError unless learningRate and epsilon are > 0 and both betas in [0, 1)
 */
export function adam({
  learningRate,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
}: AdamOptions): GradientTransformation<AdamState> {
  positiveRate("learningRate", learningRate);
  positiveRate("epsilon", epsilon);
  for (const [name, beta] of [
    ["beta1", beta1],
    ["beta2", beta2],
  ] as const)
    if (!(beta >= 0 && beta < 1)) throw new ArgumentError(`${name} must be in [0, 1), got ${beta}`);
  return {
    init: (parameters) => {
      const dtype = parameters[0]?.dtype ?? "f32";
      return {
        first: parameters.map(zerosLike),
        second: parameters.map(zerosLike),
        decay1: scalar(1, dtype),
        decay2: scalar(1, dtype),
      };
    },
    update: (gradients, state) => {
      const first = state.first.map((m, i) => add(mul(m, beta1), mul(gradients[i], 1 - beta1)));
      const second = state.second.map((v, i) => add(mul(v, beta2), mul(square(gradients[i]), 1 - beta2)));
      const decay1 = mul(state.decay1, beta1);
      const decay2 = mul(state.decay2, beta2);
      const correction1 = sub(1, decay1);
      const correction2 = sub(1, decay2);
      const updates = first.map((m, i) =>
        neg(mul(div(div(m, correction1), add(sqrt(div(second[i], correction2)), epsilon)), learningRate)),
      );
      return { updates, state: { first, second, decay1, decay2 } };
    },
  };
}
