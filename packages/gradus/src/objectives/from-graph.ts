import {
  type ArrayValue,
  compile,
  flatten,
  floatData,
  hessianVectorProduct as hessianVectorProductOf,
  item,
  type SessionOptions,
  specsOf,
  type Tensor,
  type TensorSpec,
  type Tree,
  unflatten,
  valueAndGradient as valueAndGradientOf,
} from "@gradus/graph";
import { ArgumentError } from "../errors.ts";
import type { AsTensors, Values } from "../train/contract.ts";
import { checkPoint, type Objective, type ValueAndGradient } from "./objective.ts";

/** A traced loss over one flat vector. Holds native memory: dispose of it, or declare it with `using`. */
export interface GraphObjective<P> extends Objective, Disposable {
  value(x: Float64Array): Promise<number>;
  gradient(x: Float64Array): Promise<Float64Array>;
  valueAndGradient(x: Float64Array): Promise<ValueAndGradient>;
  /** The first call compiles it. */
  hessianVectorProduct(x: Float64Array, v: Float64Array): Promise<Float64Array>;
  /** Parameters as one vector, leaf after leaf. */
  pack(parameters: P): Float64Array;
  /** A vector as parameters of the original structure, shapes and types. */
  unpack(x: Float64Array): P;
  dispose(): void;
}

const isArray = (value: unknown): value is ArrayValue =>
  typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value;

/** How a tree of arrays lies in one vector. */
function packing<P extends Values>(parameters: P) {
  const { leaves, paths, structure } = flatten(parameters, isArray);
  const starts: number[] = [];
  let dimension = 0;
  leaves.forEach(({ dtype, data }, k) => {
    if (dtype !== "f32" && dtype !== "f64")
      throw new ArgumentError(`parameters.${paths[k]}: wants f32 or f64, got ${dtype}`);
    starts.push(dimension);
    dimension += data.length;
  });
  if (dimension === 0) throw new ArgumentError("parameters must have at least one number, got none");
  return {
    dimension,
    pack(tree: unknown, name: string): Float64Array {
      const given = flatten(tree, isArray).leaves;
      if (given.length !== leaves.length)
        throw new ArgumentError(`${name} must have ${leaves.length} arrays, got ${given.length}`);
      const x = new Float64Array(dimension);
      given.forEach((array, k) => {
        if (array.data.length !== leaves[k].data.length)
          throw new ArgumentError(
            `${name}.${paths[k]} must have ${leaves[k].data.length} numbers, got ${array.data.length}`,
          );
        x.set(floatData(array), starts[k]);
      });
      return x;
    },
    unpack(x: Float64Array): P {
      const arrays = leaves.map(({ dtype, shape, data: { length } }, k): ArrayValue => {
        const numbers = x.subarray(starts[k], starts[k] + length);
        return { dtype, shape, data: dtype === "f32" ? Float32Array.from(numbers) : numbers.slice() };
      });
      return unflatten(structure, arrays) as P; // the structure is that of `parameters`
    },
  };
}

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
export async function objectiveFromGraph<P extends Values, D extends Values>(
  loss: (parameters: AsTensors<P>, data: AsTensors<D>) => Tensor,
  parameters: P,
  data: D,
  options: SessionOptions = {},
): Promise<GraphObjective<P>> {
  const { dimension, pack, unpack } = packing(parameters);
  const specs: Tree<TensorSpec> = specsOf<Values>(parameters);
  const dataSpecs: Tree<TensorSpec> = specsOf<Values>(data);
  const traced = (p: Tree<Tensor>, d: Tree<Tensor>): Tensor => loss(p as AsTensors<P>, d as AsTensors<D>);
  const signature = { parameters: specs, data: dataSpecs };

  const valueProgram = await compile((given) => traced(given.parameters, given.data), signature, options);
  const gradientProgram = await compile(
    (given) => valueAndGradientOf(traced)(given.parameters, given.data),
    signature,
    options,
  ).catch((error: unknown) => {
    valueProgram.dispose();
    throw error;
  });
  const compileProduct = () =>
    compile(
      (given) => hessianVectorProductOf(traced)(given.parameters, given.vector, given.data),
      { ...signature, vector: specs },
      options,
    );
  let productProgram: ReturnType<typeof compileProduct> | undefined;
  let disposed = false;

  async function valueAndGradient(x: Float64Array): Promise<ValueAndGradient> {
    checkPoint(x, dimension);
    const { value, gradient } = await gradientProgram.run({ parameters: unpack(x), data });
    return { value: item(value), gradient: pack(gradient, "the gradient") };
  }

  function dispose(): void {
    if (disposed) return;
    disposed = true;
    valueProgram.dispose();
    gradientProgram.dispose();
    void productProgram?.then(
      (program) => program.dispose(),
      () => undefined,
    );
  }

  return {
    dimension,
    async value(x) {
      checkPoint(x, dimension);
      return item(await valueProgram.run({ parameters: unpack(x), data }));
    },
    gradient: async (x) => (await valueAndGradient(x)).gradient,
    valueAndGradient,
    async hessianVectorProduct(x, v) {
      checkPoint(x, dimension);
      checkPoint(v, dimension, "v");
      if (disposed) throw new ArgumentError("the objective has been disposed of");
      productProgram ??= compileProduct();
      const program = await productProgram;
      return pack(
        await program.run({ parameters: unpack(x), vector: unpack(v), data }),
        "the Hessian-vector product",
      );
    },
    pack: (tree) => pack(tree, "parameters"),
    unpack(x) {
      checkPoint(x, dimension);
      return unpack(x);
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}
