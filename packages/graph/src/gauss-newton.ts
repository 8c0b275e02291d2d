import { hessianVectorProduct, jvp, vjp } from "./differentiate.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The product of the generalized Gauss-Newton matrix J^T H_L J with a vector, where J is the Jacobian of the model's
 * outputs in its parameters and H_L the Hessian of the loss in those outputs. The matrix is positive semidefinite if
 * the loss is convex in the outputs.
 * Source: Schraudolph 2002, "Fast curvature matrix-vector products", section 3.
 *
 * @param model from (parameters, ...inputs) to outputs
 * @param loss from outputs to a scalar; pass targets by closure
 * @returns a function from (parameters, vector, ...inputs) to a tree like the parameters
 * @throws ShapeError unless the loss is a scalar and the vector has the parameters' structure and shapes
 */
export function gaussNewtonVectorProduct<P, R extends readonly unknown[]>(
  model: (parameters: P, ...rest: R) => Tensor,
  loss: (outputs: Tensor) => Tensor,
): (parameters: P, vector: P, ...rest: R) => P {
  return (parameters, vector, ...rest) => {
    const outputs = (p: P) => model(p, ...rest);
    const { value, pullback } = vjp(outputs, parameters);
    const { tangent } = jvp(outputs, parameters, vector);
    return pullback(hessianVectorProduct(loss)(value, tangent));
  };
}
