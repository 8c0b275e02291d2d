import {
  array,
  type CompileOptions,
  cast,
  compile,
  concat,
  f64,
  flattenTensors,
  jacobian as jacobianOf,
  reshape,
  specsOf,
  type Tensor,
  type Tree,
} from "@gradus/graph";
import { checkOptions } from "../check/options.ts";
import { type DenseMatrix, denseMatrix } from "../linalg/matrix.ts";
import type { AsTensors, Values, ValuesOf } from "../tree/arrays.ts";
import { parameterLayout } from "../tree/parameter-layout.ts";
import { vectorData } from "./hessian-products.ts";
import { checkPoint } from "./objective.ts";
import type { Residual } from "./residual.ts";

/** Traced equations over one flat vector. Holds native memory: dispose of it, or declare it with `using`. */
export interface GraphResidual<P> extends Residual, Disposable {
  value(x: Float64Array): Promise<Float64Array>;
  jacobian(x: Float64Array): Promise<DenseMatrix>;
  /** Parameters as one vector, leaf after leaf. */
  pack(parameters: P): Float64Array;
  /** A vector as parameters of the original structure, shapes and types. */
  unpack(x: Float64Array): P;
  dispose(): void;
}

/**
 * Equations made of a traced function, with their exact Jacobian, as functions of one flat vector:
 *
 *     using fit = await residualFromGraph((p, d) => sub(mul(p.a, exp(mul(p.k, d.t))), d.y), start, { t, y });
 *     const { x } = await minimize(fit, fit.pack(start), { method: levenbergMarquardt });
 *
 * The Jacobian is dense, `count` x `dimension`, in reverse mode where there are no more equations than unknowns, otherwise
 * in forward mode; all its rows or columns are computed at once, so that memory is that of as many evaluations.
 *
 * @param residual from parameters and data (trees of tensors) to u, a tensor of any shape or a tree of tensors, which
 *   follow one another
 * @param parameters a tree of f32 or f64 arrays: structure, shapes and types; the numbers do not matter
 * @param data what the equations are evaluated on, the same at every call
 * @returns the equations; with f32 parameters their vectors are rounded to float32 on the way in
 * @throws ArgumentError when a parameter is not floating-point or there is none
 * @throws ShapeError, TypeMismatchError, GraphError of the graph when the residual cannot be traced
 */
export async function residualFromGraph<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  residual: (parameters: AsTensors<P>, data: AsTensors<D>) => Tree<Tensor>,
  parameters: P,
  data: D,
  options: CompileOptions = {},
): Promise<GraphResidual<P>> {
  checkOptions("residualFromGraph", options, ["threads", "runtime"]);
  const { dimension, pack, unpack, unpackTensor } = parameterLayout(parameters);
  const signature = { x: f64(dimension), data: specsOf<Values>(data) };
  const equations = (x: Tensor, seen: unknown): Tensor => {
    const { leaves } = flattenTensors(residual(unpackTensor(x), seen as AsTensors<D>));
    const parts = leaves.map((leaf) => cast(reshape(leaf, [-1]), "f64"));
    return parts.length === 1 ? parts[0] : concat(parts);
  };
  const programs: Disposable[] = [];
  const dispose = (): void => {
    for (const program of programs.splice(0)) program[Symbol.dispose]();
  };
  // copies the vector: the run may read it after the caller has gone on
  const at = (x: Float64Array) => {
    checkPoint(x, dimension);
    return { x: array(x.slice()), data };
  };
  try {
    const values = await compile((given) => equations(given.x, given.data), signature, options);
    programs.push(values);
    const first = await compile(
      (given) => jacobianOf((x) => equations(x, given.data))(given.x),
      signature,
      options,
    );
    programs.push(first);
    const value = async (x: Float64Array) => vectorData(await values.run(at(x)));
    const { length: count } = await value(new Float64Array(dimension));
    return {
      dimension,
      count,
      value,
      jacobian: async (x) => denseMatrix(vectorData(await first.run(at(x))), count, dimension),
      pack,
      unpack(x) {
        checkPoint(x, dimension);
        return unpack(x);
      },
      dispose,
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}
