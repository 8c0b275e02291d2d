import { ArgumentError, DataError } from "../../check/errors.ts";
import { type HessianModel, hessianOperator, zeroHessian } from "../../objectives/hessian-model.ts";
import { type MaybePromise, type Objective, whenReady } from "../../objectives/objective.ts";

/**
 * The matrix H(x) of a second-order method: `exact`, the objective's Hessian (its products where it has no matrix);
 * `products`, Hessian-vector products alone; `zero`; the name of one of the objective's approximations; or a function
 * that returns a model (dense, diagonal, low-rank, or an operator).
 */
export type HessianChoice =
  | "exact"
  | "products"
  | "zero"
  | (string & {})
  | ((x: Float64Array) => MaybePromise<HessianModel>);

/** H(x), checked. */
export type HessianSource = (x: Float64Array) => MaybePromise<HessianModel>;

const ASYMMETRY = 1e-8;

function checkDenseModel(values: Float64Array, n: number): void {
  if (values.length !== n * n)
    throw new ArgumentError(`the Hessian must be ${n} x ${n} = ${n * n} numbers, got ${values.length}`);
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const value = values[i * n + j];
      largest = Math.max(largest, Math.abs(value)); // NaN stays NaN
      difference = Math.max(difference, Math.abs(value - values[j * n + i]));
    }
  if (!Number.isFinite(largest) || !Number.isFinite(difference))
    throw new DataError(`the Hessian must be finite, got an ${n} x ${n} matrix with NaN or infinity`);
  if (difference > ASYMMETRY * largest)
    throw new DataError(
      `the Hessian must be symmetric; entries of the ${n} x ${n} matrix and its transpose differ by ${difference}`,
    );
}

/** @throws ArgumentError, DataError when the model is not a symmetric matrix of order n */
function checked(model: HessianModel, n: number): HessianModel {
  if (model.kind === "dense") checkDenseModel(model.values, n);
  else hessianOperator(model, n);
  return model;
}

function productsOf(objective: Objective): HessianSource {
  const { dimension: n } = objective;
  const { hessianVectorProduct } = objective;
  if (!hessianVectorProduct) throw new ArgumentError("hessian: the objective has no Hessian-vector products");
  return (x) => ({
    kind: "operator",
    operator: {
      rows: n,
      columns: n,
      symmetric: true,
      apply: (v, out) => {
        const product = hessianVectorProduct.call(objective, x, v);
        if (product instanceof Promise) return product.then((values) => out.set(values));
        out.set(product);
      },
    },
  });
}

function exactOf(objective: Objective): HessianSource {
  const { hessian } = objective;
  if (!hessian) return productsOf(objective);
  return (x) => whenReady(hessian.call(objective, x), (values): HessianModel => ({ kind: "dense", values }));
}

function sourceOf(objective: Objective, choice: HessianChoice): HessianSource {
  if (typeof choice === "function") return choice;
  if (choice === "exact") return exactOf(objective);
  if (choice === "products") return productsOf(objective);
  if (choice === "zero") return () => zeroHessian;
  const { approximations = {} } = objective;
  if (!Object.hasOwn(approximations, choice))
    throw new ArgumentError(
      `hessian must be one of ${["exact", "products", "zero", ...Object.keys(approximations)].join(", ")} or a function, got "${choice}"`,
    );
  const approximation = approximations[choice];
  return (x) => approximation.call(approximations, x);
}

/**
 * The checked Hessian models of an objective.
 *
 * @throws ArgumentError when the objective has none of the name; later, with a DataError for an asymmetric or not
 *   finite matrix, when a model does not fit
 */
export function hessianSource(objective: Objective, choice: HessianChoice): HessianSource {
  const source = sourceOf(objective, choice);
  return (x) => whenReady(source(x), (model) => checked(model, objective.dimension));
}
