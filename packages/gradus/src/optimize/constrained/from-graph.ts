import {
  type ArrayValue,
  add,
  type CompileOptions,
  compile,
  f64,
  floatData,
  gradient as gradientOf,
  hessianVectorProduct as hessianVectorProductOf,
  item,
  jacobian as jacobianOf,
  mul,
  specsOf,
  sum,
  type Tensor,
} from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import type { AsTensors, Values, ValuesOf } from "../../tree/arrays.ts";
import type { EqualityProblem } from "./problem.ts";

/** A problem traced from two functions. Holds native memory: dispose of it, or declare it with `using`. */
export interface GraphEqualityProblem extends Required<Omit<EqualityProblem, "hessianFlops">>, Disposable {
  value(x: Float64Array): Promise<number>;
  gradient(x: Float64Array): Promise<Float64Array>;
  constraints(x: Float64Array): Promise<Float64Array>;
  jacobian(x: Float64Array): Promise<DenseMatrix>;
  hessianLagrangian(x: Float64Array, lambda: Float64Array): Promise<DenseMatrix>;
  hessianVectorProduct(x: Float64Array, lambda: Float64Array, v: Float64Array): Promise<Float64Array>;
  dispose(): void;
}

/**
 * The problem  min objective(x, data) subject to constraints(x, data) = 0  of two traced functions in float64, with
 * exact derivatives: gradients and the Jacobian by reverse mode, the Hessian of the Lagrangian forward over reverse.
 *
 * @param objective from x, a vector of `dimension` numbers, and data to a scalar
 * @param constraints from the same to a vector of m numbers
 * @param data trees of arrays, the same at every call
 * @throws ArgumentError when the dimension is not an integer >= 1 or the constraints are not a vector
 * @throws ShapeError, TypeMismatchError, GraphError of the graph when a function cannot be traced
 */
export async function equalityProblemFromGraph<D extends ValuesOf<D>>(
  objective: (x: Tensor, data: AsTensors<D>) => Tensor,
  constraints: (x: Tensor, data: AsTensors<D>) => Tensor,
  dimension: number,
  data: D,
  options: CompileOptions = {},
): Promise<GraphEqualityProblem> {
  checkOptions("equalityProblemFromGraph", options, ["threads", "runtime"]);
  checkPositiveInteger({ dimension });
  const programs: Disposable[] = [];
  const dispose = (): void => {
    for (const program of programs.splice(0)) program[Symbol.dispose]();
  };
  function kept<P extends Disposable>(program: P): P {
    programs.push(program);
    return program;
  }
  /** The signature's data as the functions see them. */
  const seen = (given: unknown) => given as AsTensors<D>;
  const numbers = (value: ArrayValue): Float64Array => new Float64Array(floatData(value));
  const signature = { x: f64(dimension), data: specsOf<Values>(data) };
  const lagrangian = (x: Tensor, lambda: Tensor, d: AsTensors<D>): Tensor =>
    add(objective(x, d), sum(mul(lambda, constraints(x, d))));
  try {
    const values = kept(
      await compile(
        (given) => ({
          value: objective(given.x, seen(given.data)),
          constraints: constraints(given.x, seen(given.data)),
        }),
        signature,
        options,
      ),
    );
    const { shape } = (await values.run({ x: new Float64Array(dimension), data })).constraints;
    if (shape.length !== 1)
      throw new ArgumentError(
        `constraints must return a vector, got an array of shape [${shape.join(", ")}]`,
      );
    const [constraintCount] = shape;
    const first = kept(
      await compile(
        (given) => ({
          gradient: gradientOf((x: Tensor) => objective(x, seen(given.data)))(given.x),
          jacobian: jacobianOf((x) => constraints(x, seen(given.data)))(given.x),
        }),
        signature,
        options,
      ),
    );
    const multipliers = { lambda: f64(constraintCount) };
    const hessian = kept(
      await compile(
        (given) =>
          jacobianOf((x) => gradientOf((at: Tensor) => lagrangian(at, given.lambda, seen(given.data)))(x))(
            given.x,
          ),
        { ...signature, ...multipliers },
        options,
      ),
    );
    const product = kept(
      await compile(
        (given) =>
          hessianVectorProductOf((x: Tensor) => lagrangian(x, given.lambda, seen(given.data)))(
            given.x,
            given.v,
          ),
        { ...signature, ...multipliers, v: f64(dimension) },
        options,
      ),
    );
    return {
      dimension,
      constraintCount,
      value: async (x) => item((await values.run({ x, data })).value),
      constraints: async (x) => numbers((await values.run({ x, data })).constraints),
      gradient: async (x) => numbers((await first.run({ x, data })).gradient),
      jacobian: async (x) =>
        denseMatrix(numbers((await first.run({ x, data })).jacobian), constraintCount, dimension),
      hessianLagrangian: async (x, lambda) =>
        denseMatrix(numbers(await hessian.run({ x, lambda, data })), dimension, dimension),
      hessianVectorProduct: async (x, lambda, v) => numbers(await product.run({ x, lambda, v, data })),
      dispose,
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}
