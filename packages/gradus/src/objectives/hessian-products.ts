import {
  type ArrayValue,
  array,
  type CompileOptions,
  f64,
  type InputValue,
  type Tensor,
  type TensorSpec,
  type Tree,
} from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { repeatedProducts } from "./repeated-products.ts";

/** A product with a Hessian at x, as the graph sees it. */
export type ProductAt = (x: Tensor, v: Tensor, data: Tree<Tensor>) => Tensor;

/** Products with the Hessian of an objective, compiled on first use. */
export interface HessianProducts {
  at(x: Float64Array, v: Float64Array): Promise<Float64Array>;
  dispose(): void;
}

function isSamePoint(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** The numbers of a float64 vector, not copied. @throws ArgumentError for other types */
export function vectorData({ data, dtype }: ArrayValue): Float64Array {
  if (data instanceof Float64Array) return data;
  throw new ArgumentError(`expected f64, got ${dtype}`);
}

/** Many products at one point share what depends on the point alone. Their numbers are the same but for roundings. */
export function hessianProducts(
  product: ProductAt,
  dimension: number,
  data: Tree<ArrayValue>,
  dataSpecs: Tree<TensorSpec>,
  options: CompileOptions,
): HessianProducts {
  const flat = f64(dimension);
  const products = repeatedProducts(
    (fixed, v) => product(fixed.x, v, fixed.data),
    { fixed: { x: flat, data: dataSpecs }, varying: flat },
    options,
  );
  let point: Float64Array | undefined;
  let multiply: ((v: InputValue) => Promise<ArrayValue>) | undefined;

  return {
    async at(x, v) {
      if (!point || !isSamePoint(point, x)) {
        point = x.slice();
        multiply = undefined;
      }
      multiply ??= products.at({ x: array(point), data });
      return vectorData(await multiply(array(v.slice())));
    },
    dispose: products.dispose,
  };
}
