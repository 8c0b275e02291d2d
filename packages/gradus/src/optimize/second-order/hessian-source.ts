import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkVector } from "../../linalg/krylov/linear-system.ts";
import { checkFiniteEntries, checkNonemptyDense, type DenseMatrix } from "../../linalg/matrix.ts";
import type { LinearOperator } from "../../linalg/operator/contract.ts";
import { checkDenseSymmetric } from "../../linalg/symmetric.ts";
import { norm2 } from "../../linalg/vector.ts";
import { compiledNewtonOf } from "../../objectives/compiled-newton.ts";
import {
  type HessianModel,
  ofOrder,
  structuredHessianOperator,
  zeroHessian,
} from "../../objectives/hessian-model.ts";
import { type MaybePromise, type Objective, whenReady } from "../../objectives/objective.ts";

/**
 * The matrix H(x) of a second-order method: `exact`, the objective's Hessian (its products where it has no matrix);
 * `products`, Hessian-vector products alone; `differences`, products by differences of gradients; `zero`; the name of
 * one of the objective's approximations; or a function that returns a model (dense, diagonal, low-rank, or an operator).
 */
export type HessianChoice =
  | "exact"
  | "products"
  | "differences"
  | "zero"
  | (string & {})
  | ((x: Float64Array) => MaybePromise<HessianModel>);

/** H(x), checked. */
export type HessianSource = (x: Float64Array) => MaybePromise<HessianModel>;

function checkDenseModel(matrix: DenseMatrix, n: number): void {
  checkNonemptyDense("the Hessian", matrix);
  checkDenseSymmetric("the Hessian", matrix);
  ofOrder(n, matrix);
}

/** @throws ArgumentError, DataError when the model is not a symmetric matrix of order n */
function checked(model: HessianModel, n: number): HessianModel {
  if (model.kind === "dense") checkDenseModel(model.matrix, n);
  else structuredHessianOperator(model, n);
  if (model.kind === "diagonal") checkFiniteVector("the diagonal of the Hessian", model.values);
  if (model.kind === "operator" && model.diagonal)
    checkVector("the diagonal of the Hessian", model.diagonal, n);
  if (model.kind === "low-rank") {
    checkFiniteEntries("the vectors of the Hessian", model.vectors);
    checkFiniteVector("the coefficients of the Hessian", model.coefficients);
  }
  return model;
}

function productsOf(objective: Objective): HessianSource {
  const { dimension: n } = objective;
  const { hessianVectorProduct } = objective;
  if (!hessianVectorProduct)
    throw new ArgumentError(
      'hessian: the objective has no Hessian-vector products; "differences" takes those of gradients',
    );
  const stepper = compiledNewtonOf(hessianVectorProduct);
  const operatorAt = (x: Float64Array): LinearOperator => ({
    rows: n,
    columns: n,
    symmetric: true,
    apply(v, out) {
      const take = (product: Float64Array) => {
        checkLength("the Hessian-vector product", product, n);
        out.set(product);
      };
      return whenReady(hessianVectorProduct.call(objective, x, v), take);
    },
    compiledConjugateGradients: (system) => stepper?.(x, system),
  });
  return (x) =>
    whenReady(
      objective.diagonalEstimate?.(x),
      (diagonal): HessianModel => ({ kind: "operator", operator: operatorAt(x), diagonal }),
    );
}

/** (g(x + t v) - g(x)) / t, with t such that rounding and curvature weigh about the same. */
function differencesOf(objective: Objective): HessianSource {
  const { dimension: n } = objective;
  return (x) =>
    whenReady(objective.gradient(x), (gradient): HessianModel => {
      const scale = Math.sqrt(Number.EPSILON) * (1 + norm2(x));
      const apply = (v: Float64Array, out: Float64Array) => {
        const length = norm2(v);
        if (length === 0) {
          out.fill(0);
          return;
        }
        const t = scale / length;
        const moved = objective.gradient(x.map((xj, j) => xj + t * v[j]));
        const difference = (there: Float64Array) => {
          for (let j = 0; j < n; j++) out[j] = (there[j] - gradient[j]) / t;
        };
        return moved instanceof Promise ? moved.then(difference) : difference(moved);
      };
      return { kind: "operator", operator: { rows: n, columns: n, symmetric: true, apply } };
    });
}

/** The matrix that products are taken with by default: the objective's, or differences where it has none. */
export function defaultProducts({ hessianVectorProduct, hessian }: Objective): HessianChoice {
  return hessianVectorProduct ? "products" : hessian ? "exact" : "differences";
}

function exactOf(objective: Objective): HessianSource {
  const { hessian } = objective;
  if (!hessian) return productsOf(objective);
  return (x) => whenReady(hessian.call(objective, x), (matrix): HessianModel => ({ kind: "dense", matrix }));
}

/** The choices that every objective knows, by their names. */
const named: Readonly<Record<string, (objective: Objective) => HessianSource>> = {
  exact: exactOf,
  products: productsOf,
  differences: differencesOf,
  zero: () => () => zeroHessian,
};

function sourceOf(objective: Objective, choice: HessianChoice, further: readonly string[]): HessianSource {
  if (typeof choice === "function") return choice;
  if (Object.hasOwn(named, choice)) return named[choice](objective);
  const { approximations = {} } = objective;
  if (!Object.hasOwn(approximations, choice)) {
    const names = [...further, ...Object.keys({ ...named, ...approximations })];
    throw new ArgumentError(`hessian must be one of ${names.join(", ")} or a function, got "${choice}"`);
  }
  const approximation = approximations[choice];
  return (x) => approximation.call(approximations, x);
}

/**
 * The checked Hessian models of an objective.
 *
 * @param further names that the method takes besides, for the error's list
 * @throws ArgumentError when the objective has none of the name; later, with a DataError for an asymmetric or not
 *   finite matrix, when a model does not fit
 */
export function hessianSource(
  objective: Objective,
  choice: HessianChoice,
  further: readonly string[] = [],
): HessianSource {
  const source = sourceOf(objective, choice, further);
  return (x) => whenReady(source(x), (model) => checked(model, objective.dimension));
}
