import {
  type ArrayValue,
  array,
  type CompileOptions,
  compile,
  f64,
  type InputValue,
  type Prepared,
  stage,
  type Tensor,
  type TensorSpec,
  type Tree,
} from "@gradus/graph";
import { vectorData } from "./packing.ts";

/**
 * So many products at one point are taken whole, the ones after them in two parts: preparing takes about as long as a
 * product, and saves a quarter of each (measured for a 100-90-10 network on 256 rows).
 */
const WHOLE_PRODUCTS = 4;

/** A product with a Hessian at x, as the graph sees it. */
export type ProductAt = (x: Tensor, v: Tensor, data: Tree<Tensor>) => Tensor;

/** Products with the Hessian of an objective, compiled as they are asked for. */
export interface HessianProducts {
  at(x: Float64Array, v: Float64Array): Promise<Float64Array>;
  dispose(): void;
}

function isSamePoint(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
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
  const compileWhole = () =>
    compile((given) => product(given.x, given.v, given.data), { x: flat, v: flat, data: dataSpecs }, options);
  const compileStaged = () =>
    stage(
      ({ fixed, varying }) => product(fixed.x, varying, fixed.data),
      {
        fixed: { x: flat, data: dataSpecs },
        varying: flat,
      },
      options,
    );
  let whole: ReturnType<typeof compileWhole> | undefined;
  let staged: ReturnType<typeof compileStaged> | undefined;
  let point: Float64Array | undefined;
  let taken = 0;
  let prepared: Promise<Prepared<InputValue, ArrayValue>> | undefined;

  async function prepare(x: Float64Array) {
    staged ??= compileStaged();
    return (await staged).prepare({ x: array(x), data });
  }

  return {
    async at(x, v) {
      if (!point || !isSamePoint(point, x)) {
        point = x.slice();
        taken = 0;
        prepared = undefined;
      }
      taken += 1;
      const at = array(point);
      const direction = array(v.slice());
      if (taken > WHOLE_PRODUCTS) {
        prepared ??= prepare(point);
        return vectorData(await (await prepared).apply(direction));
      }
      whole ??= compileWhole();
      return vectorData(await (await whole).run({ x: at, v: direction, data }));
    },
    dispose() {
      for (const program of [whole, staged])
        program?.then(
          (compiled) => compiled.dispose(),
          () => undefined,
        );
    },
  };
}
