import { add, mul, pow, sub } from "../../ops/arithmetic.ts";
import { greater } from "../../ops/compare.ts";
import { matmul, matrixTranspose } from "../../ops/matmul.ts";
import { sum } from "../../ops/reduce.ts";
import { cast } from "../../ops/select.ts";
import { expandDims, reshape } from "../../ops/shape.ts";
import { exp, square, tanh } from "../../ops/unary.ts";
import type { Tensor } from "../../tensor.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { floats, transformed } from "./fitted.ts";

/** k(x, s) for each row x [n, d] and each support vector s [m, d]: [n, m]. */
function kernel(call: NodeCall, x: Tensor, vectors: Tensor): Tensor {
  const [gamma = 1, offset = 0, degree = 3] = call.node.attributes.get("kernel_params")?.floats ?? [];
  const products = () => matmul(x, matrixTranspose(vectors));
  const kind = call.text("kernel_type", "LINEAR");
  switch (kind) {
    case "LINEAR":
      return products();
    case "POLY":
      return pow(add(mul(products(), gamma), offset), degree);
    case "RBF":
      // Differences first: the expanded square would cancel for rows near a support vector.
      return exp(mul(sum(square(sub(expandDims(x, 1), vectors)), { axes: 2 }), -gamma));
    case "SIGMOID":
      return tanh(add(mul(products(), gamma), offset));
    default:
      return call.refuse(`kernel ${kind} is not supported`);
  }
}

/** sum_i c_i k(x, s_i) + rho; without support vectors the coefficients are the one vector of a linear function. */
const regressor: Operator = (call) => {
  const given = floats(call, call.input(0));
  const x = given.shape.length === 1 ? reshape(given, [1, given.shape[0]]) : given;
  const of = (name: string) => {
    const values = call.fitted(name);
    return values && cast(values, x.dtype);
  };
  const coefficients = of("coefficients") ?? call.refuse("attribute coefficients is missing");
  const [count] = coefficients.shape;
  const vectors = call.int("n_supports", 0) > 0 ? of("support_vectors") : undefined;
  if (vectors && vectors.shape.length !== 2)
    return call.refuse(`${vectors.shape[0]} numbers are not ${count} support vectors`);
  const similarities = vectors ? kernel(call, x, vectors) : x;
  const products = matmul(similarities, reshape(coefficients, [Number(count), 1]));
  const rho = of("rho");
  const sums = rho ? add(products, rho) : products;
  if (call.int("one_class", 0) !== 1) return transformed(call, sums);
  return sub(mul(cast(greater(sums, 0), sums.dtype), 2), 1);
};

/** Support vector machines of the domain ai.onnx.ml. */
export const supportVectors: Readonly<Record<string, Operator>> = { SVMRegressor: regressor };
