import { gradient } from "./differentiate.ts";
import { add } from "./ops/arithmetic.ts";
import { sum } from "./ops/reduce.ts";
import { square } from "./ops/unary.ts";
import { flattenTensors, type Tensor } from "./tensor.ts";
import { vmap } from "./vectorize.ts";

/**
 * The gradient of each example's loss: a tree like the parameters with a leading axis over the examples.
 *
 * @param loss from (parameters, one example without the leading axis) to a scalar
 * @returns a function from (parameters, examples with the leading axis) to the gradients [examples, ...]
 */
export function perExampleGradients<P, E>(
  loss: (parameters: P, example: E) => Tensor,
): (parameters: P, examples: E) => P {
  return (parameters, examples) => vmap((example: E) => gradient(loss)(parameters, example))(examples);
}

/**
 * The squared norm of each example's gradient, |grad loss_i|^2: an array [examples]. The gradient of a dense layer's
 * weights on one example is the outer product a d^T of its input and its output's derivative, whose squared norm is
 * |a|^2 |d|^2: the compiled program materializes no per-example weight gradients.
 * Source: Goodfellow 2015, "Efficient per-example gradient computations".
 *
 * @param loss from (parameters, one example without the leading axis) to a scalar
 * @returns a function from (parameters, examples with the leading axis) to the squared norms [examples]
 */
export function perExampleSquaredNorms<P, E>(
  loss: (parameters: P, example: E) => Tensor,
): (parameters: P, examples: E) => Tensor {
  const squaredNorm = (parameters: P, example: E) =>
    flattenTensors(gradient(loss)(parameters, example))
      .leaves.map((g) => sum(square(g)))
      .reduce((a, b) => add(a, b));
  return (parameters, examples) => vmap((example: E) => squaredNorm(parameters, example))(examples);
}
