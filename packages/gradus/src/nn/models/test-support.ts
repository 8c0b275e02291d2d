import {
  type ArrayValue,
  compile,
  constant,
  flattenTensors,
  item,
  mul,
  specsOf,
  sum,
  type Tensor,
  type TensorSpec,
  type Tree,
  toNumbers,
  unflattenTree,
  valueAndGradient,
} from "@gradus/graph";
import { expect } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { type AsTensors, flattenArrays, type Values, type ValuesOf } from "../../tree/arrays.ts";

/** The arrays of a tree of parameters. */
export function arraysOf(tree: Values): ArrayValue[] {
  return flattenArrays(tree).leaves;
}

/** The number of parameters. */
export function countOf(tree: Values): number {
  return arraysOf(tree).reduce((total, { data }) => total + data.length, 0);
}

/** An array of normal numbers. */
export function normals(
  seed: number,
  shape: readonly number[],
): { readonly dtype: "f64"; readonly shape: readonly number[]; readonly data: Float64Array } {
  const stream = randomStream(seed);
  const length = shape.reduce((product, size) => product * size, 1);
  return { dtype: "f64", shape, data: stream.fillNormal(new Float64Array(length)) };
}

/** The tree p + t v. */
function moved(tree: Values, direction: readonly Float64Array[], t: number): Values {
  const { leaves, structure } = flattenArrays(tree);
  const next = leaves.map(({ dtype, shape, data }, k) => ({
    dtype,
    shape,
    data: direction[k].map((d, i) => Number(data[i]) + t * d),
  }));
  return unflattenTree(structure, next) as Values;
}

/**
 * Compares the gradient of sum(c output) over all float64 parameters with central differences in random directions,
 * where c are fixed random numbers. The point is slightly off the parameters, whose zeros may be at kinks.
 */
export async function assertGradient<P extends ValuesOf<P>>(
  parameters: P,
  output: (parameters: AsTensors<P>) => Tensor,
  { step = 1e-5, tolerance = 1e-6, directions = 3 } = {},
): Promise<void> {
  const loss = (p: Tree<Tensor>) => {
    const y = output(p as AsTensors<P>);
    const { shape, data } = normals(99, y.shape.map(Number));
    return sum(mul(y, constant(data, shape)));
  };
  const specs: Tree<TensorSpec> = specsOf<Values>(parameters);
  using program = await compile((p) => {
    const { value, gradient } = valueAndGradient(loss)(p);
    return { value, gradient: flattenTensors(gradient).leaves };
  }, specs);
  const randomDirection = (seed: number) =>
    arraysOf(parameters).map(({ shape }, i) => normals(1000 * seed + i, shape).data);
  const place = moved(parameters, randomDirection(directions), 0.1);
  const { gradient } = await program.run(place);
  for (let k = 0; k < directions; k++) {
    const direction = randomDirection(k);
    const at = async (t: number) => item((await program.run(moved(place, direction, t))).value);
    const difference = ((await at(step)) - (await at(-step))) / (2 * step);
    const slope = gradient.reduce(
      (total, g, i) => total + toNumbers(g).reduce((s, v, j) => s + v * direction[i][j], 0),
      0,
    );
    expect(Math.abs(slope - difference) / Math.max(1, Math.abs(difference))).toBeLessThan(tolerance);
  }
}
