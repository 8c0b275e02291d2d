import {
  cos,
  elu,
  gelu,
  identity,
  leakyRelu,
  relu,
  sigmoid,
  silu,
  sin,
  softplus,
  type Tensor,
  tanh,
} from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";

/** The named activations. */
export const activations = {
  cosine: cos,
  elu: (x: Tensor) => elu(x),
  gelu,
  identity,
  leakyRelu: (x: Tensor) => leakyRelu(x),
  relu,
  sigmoid,
  silu,
  sine: sin,
  softplus,
  tanh,
} satisfies Record<string, (x: Tensor) => Tensor>;

/** The name of an activation. */
export type ActivationName = keyof typeof activations;

/** A named activation, or any elementwise function. */
export type Activation = ActivationName | ((x: Tensor) => Tensor);

/**
 * The function that an activation names.
 *
 * @throws ArgumentError for an unknown name
 */
export function activationOf(activation: Activation): (x: Tensor) => Tensor {
  if (typeof activation === "function") return activation;
  if (!Object.hasOwn(activations, activation))
    throw new ArgumentError(
      `activation must be a function or one of ${Object.keys(activations).join(", ")}, got "${activation}"`,
    );
  return activations[activation];
}
