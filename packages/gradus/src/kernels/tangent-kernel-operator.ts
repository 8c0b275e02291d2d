import {
  type ArrayValue,
  compile,
  floatData,
  jvp,
  reshape,
  type Tensor,
  type Tree,
  vjp,
} from "@gradus/graph";
import { checkLength } from "../check/arrays.ts";
import type { LinearOperator } from "../linalg/operator/contract.ts";
import type { AsTensors, ValuesOf } from "../tree/arrays.ts";
import { parameterType, treeSpecs } from "../tree/signature.ts";
import { checkInputs, outputCount, type TracedModel } from "./tangent-kernel.ts";

/** A tangent kernel by its products. Holds native memory: declare it with `await using`, or call `dispose`. */
export interface TangentKernelOperator extends LinearOperator, AsyncDisposable {
  apply(v: Float64Array, out: Float64Array): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * The empirical tangent kernel of any traced model on the rows of X as a linear operator,  Theta v = J (J^T v):  one
 * reverse and one forward pass per product, with memory for the parameters and one pass.
 *
 * @param parameters all f32 or all f64, which is the precision of the products
 * @param X [n, ...], in the same type
 * @returns a symmetric operator of order n k for k outputs; the outputs of a row are adjacent
 * @throws ArgumentError when types or shapes do not match
 * @throws DataError when an input is not finite
 */
export async function tangentKernelOperator<P extends ValuesOf<P>>(
  model: TracedModel<P>,
  parameters: P,
  X: ArrayValue,
): Promise<TangentKernelOperator> {
  const dtype = parameterType(parameters);
  checkInputs("X", X, dtype);
  const specs = treeSpecs(parameters);
  const order = X.shape[0] * outputCount(model, specs, X);
  const program = await compile(
    ({ parameters, x, v }: { parameters: Tree<Tensor>; x: Tensor; v: Tensor }) => {
      const outputs = (p: Tree<Tensor>) => reshape(model.apply(p as AsTensors<P>, x), [order]);
      return jvp(outputs, parameters, vjp(outputs, parameters).pullback(v)).tangent;
    },
    { parameters: specs, x: { dtype, shape: X.shape }, v: { dtype, shape: [order] } },
  );
  const dispose = () => program.dispose();
  return {
    rows: order,
    columns: order,
    symmetric: true,
    async apply(v, out) {
      checkLength("v", v, order);
      checkLength("out", out, order);
      const data = dtype === "f32" ? new Float32Array(v) : v;
      out.set(floatData(await program.run({ parameters, x: X, v: { dtype, shape: [order], data } })));
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
