import {
  array,
  type CompileOptions,
  compile,
  f64,
  hessianVectorProduct as hessianVectorProductOf,
  item,
  specsOf,
  type Tensor,
  type TensorSpec,
  type Tree,
  valueAndGradient as valueAndGradientOf,
} from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { checkOptions } from "../check/options.ts";
import type { AsTensors, Values, ValuesOf } from "../tree/arrays.ts";
import { parameterLayout } from "../tree/parameter-layout.ts";
import { hessianProducts, vectorData } from "./hessian-products.ts";
import { checkPoint, type Objective, type ValueAndGradient } from "./objective.ts";

/** A traced loss over one flat vector. Holds native memory: dispose of it, or declare it with `using`. */
export interface GraphObjective<P> extends Objective, Disposable {
  value(x: Float64Array): Promise<number>;
  gradient(x: Float64Array): Promise<Float64Array>;
  valueAndGradient(x: Float64Array): Promise<ValueAndGradient>;
  /**
   * Compiled on first use. From the fifth product in a row at one point on, what depends on the point alone is
   * computed once for all of them.
   */
  hessianVectorProduct(x: Float64Array, v: Float64Array): Promise<Float64Array>;
  /** Parameters as one vector, leaf after leaf. */
  pack(parameters: P): Float64Array;
  /** A vector as parameters of the original structure, shapes and types. */
  unpack(x: Float64Array): P;
  dispose(): void;
}

/** Copies the vector: the run may read it after the caller has gone on. */
const vector = (x: Float64Array) => array(x.slice());

/**
 * An objective made of a traced loss: its value, its gradient by reverse mode and products with its Hessian by forward
 * over reverse mode, compiled, as functions of one flat vector.
 *
 * @param loss from parameters and data (trees of tensors) to a scalar
 * @param parameters a tree of f32 or f64 arrays: structure, shapes and types; the numbers do not matter
 * @param data what the loss is evaluated on, the same at every call
 * @returns the objective; with f32 parameters its vectors are rounded to float32 on the way in
 * @throws ArgumentError when a parameter is not floating-point or there is none
 * @throws ShapeError, TypeMismatchError, GraphError of the graph when the loss cannot be traced
 */
export async function objectiveFromGraph<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  loss: (parameters: AsTensors<P>, data: AsTensors<D>) => Tensor,
  parameters: P,
  data: D,
  options: CompileOptions = {},
): Promise<GraphObjective<P>> {
  checkOptions("objectiveFromGraph", options, ["threads", "runtime"]);
  const { dimension, pack, unpack, packTensors, unpackTensor } = parameterLayout(parameters);
  // One vector goes in and one comes out: each array more costs a microsecond, and a copy in JavaScript.
  const traced = (p: AsTensors<P>, d: Tree<Tensor>): Tensor => loss(p, d as AsTensors<D>);
  const signature = { x: f64(dimension), data: specsOf<Values>(data) as Tree<TensorSpec> };

  const valueProgram = await compile(
    (given) => traced(unpackTensor(given.x), given.data),
    signature,
    options,
  );
  const gradientProgram = await compile(
    (given) => {
      const { value, gradient } = valueAndGradientOf(traced)(unpackTensor(given.x), given.data);
      return { value, gradient: packTensors(gradient) };
    },
    signature,
    options,
  ).catch((error: unknown) => {
    valueProgram.dispose();
    throw error;
  });
  const products = hessianProducts(
    (x, v, d) => packTensors(hessianVectorProductOf(traced)(unpackTensor(x), unpackTensor(v), d)),
    dimension,
    data,
    signature.data,
    options,
  );
  let disposed = false;

  async function valueAndGradient(x: Float64Array): Promise<ValueAndGradient> {
    checkPoint(x, dimension);
    const { value, gradient } = await gradientProgram.run({ x: vector(x), data });
    return { value: item(value), gradient: vectorData(gradient) };
  }

  function dispose(): void {
    if (disposed) return;
    disposed = true;
    valueProgram.dispose();
    gradientProgram.dispose();
    products.dispose();
  }

  return {
    dimension,
    async value(x) {
      checkPoint(x, dimension);
      return item(await valueProgram.run({ x: vector(x), data }));
    },
    gradient: async (x) => (await valueAndGradient(x)).gradient,
    valueAndGradient,
    async hessianVectorProduct(x, v) {
      checkPoint(x, dimension);
      checkPoint(v, dimension, "v");
      if (disposed) throw new ArgumentError("the objective has been disposed of");
      return products.at(x, v);
    },
    pack,
    unpack(x) {
      checkPoint(x, dimension);
      return unpack(x);
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}
