import {
  type ArrayValue,
  compile,
  flattenTensors,
  floatData,
  type Tensor,
  type TensorSpec,
  type Tree,
  trace,
  vmap,
} from "@gradus/graph";
import { ArgumentError, ConvergenceError } from "../errors.ts";
import type { AsTensors, Values } from "../train/contract.ts";
import { dataSpecs, rowsOf, treeSpecs } from "../train/signature.ts";
import { rowRange } from "./batches.ts";
import type { CurvatureOperator, CurvaturePlace, OtherPlace } from "./contract.ts";
import { fitToMemory, memoryNeed } from "./memory.ts";
import { type ParameterLayout, parameterLayout } from "./parameter-layout.ts";

/** What a product is traced from: the arrays that vary, and how the model's parameters are made of them. */
export interface TracedPoint<P, D> {
  /** The arrays of the group. */
  readonly point: readonly Tensor[];
  /** All parameters, with these in place of the group's arrays. */
  parameters(varying: readonly Tensor[]): AsTensors<P>;
  readonly batch: AsTensors<D>;
}

/** The product of a batch's matrix with one vector, array by array of the group. */
export type TracedProduct<P, D> = (place: TracedPoint<P, D>, vector: readonly Tensor[]) => readonly Tensor[];

/** Half a gigabyte. */
const DEFAULT_MEMORY = 2 ** 29;

const ROWS = "rows";
const VECTORS = "vectors";

/** How a traced function of all parameters becomes one of the group's arrays alone. */
export function tracedPoint<P extends Values, D extends Values>(
  layout: ParameterLayout<P>,
  parameters: Tree<Tensor>,
  batch: Tree<Tensor>,
): TracedPoint<P, D> {
  const { leaves } = flattenTensors(parameters);
  return {
    point: layout.slots.map(({ leaf }) => leaves[leaf]),
    parameters(varying) {
      const all = leaves.slice();
      layout.slots.forEach(({ leaf }, k) => {
        all[leaf] = varying[k];
      });
      return layout.assemble(all) as AsTensors<P>; // the structure is that of the parameters
    },
    batch: batch as AsTensors<D>,
  };
}

/** Vectors of the layout's dimension, one after another, as one array [count, ...shape] for each of its slots. */
export function vectorArrays<P>(
  { dimension, slots }: ParameterLayout<P>,
  vectors: Float64Array,
  count: number,
): ArrayValue[] {
  return slots.map(({ dtype, shape, start, length }): ArrayValue => {
    const data = dtype === "f32" ? new Float32Array(count * length) : new Float64Array(count * length);
    for (let v = 0; v < count; v++)
      data.set(vectors.subarray(v * dimension + start, v * dimension + start + length), v * length);
    return { dtype, shape: [count, ...shape], data };
  });
}

/** Arrays [count, ...shape], one for each slot, added with a weight to vectors that lie one after another. */
function addTo<P>(
  { dimension, slots }: ParameterLayout<P>,
  arrays: readonly ArrayValue[],
  weight: number,
  out: Float64Array,
): void {
  for (const [k, { start, length }] of slots.entries()) {
    const data = floatData(arrays[k]);
    const count = data.length / length;
    for (let v = 0; v < count; v++) {
      const to = v * dimension + start;
      const from = v * length;
      for (let i = 0; i < length; i++) out[to + i] += weight * data[from + i];
    }
  }
}

/**
 * Compiles a curvature matrix: a product of every batch of rows with a block of vectors, summed over the batches.
 *
 * @param product traced for one vector and vectorized over blocks of them
 * @param reduction whether the product is the mean over a batch's rows, or their sum; the matrix is the mean over all
 * @throws ArgumentError when the memory limit is too small for one row, or names a group without parameters
 * @throws what tracing and compiling the product throws
 */
export async function compileProducts<P extends Values, D extends Values>(
  place: CurvaturePlace<P, D>,
  product: TracedProduct<P, D>,
  reduction: "mean" | "sum",
): Promise<CurvatureOperator<P, D>> {
  const { parameters, data, group, memoryLimit = DEFAULT_MEMORY, threads, runtime } = place;
  const layout = parameterLayout(parameters, group);
  const { dimension } = layout;
  const signature = {
    parameters: treeSpecs(parameters),
    vectors: layout.slots.map(({ dtype, shape }): TensorSpec => ({ dtype, shape: [VECTORS, ...shape] })),
    batch: dataSpecs(data),
  };
  const traced = (given: {
    readonly parameters: Tree<Tensor>;
    readonly vectors: readonly Tensor[];
    readonly batch: Tree<Tensor>;
  }): readonly Tensor[] => {
    const at = tracedPoint<P, D>(layout, given.parameters, given.batch);
    return vmap((vector: readonly Tensor[]) => product(at, vector))(given.vectors);
  };
  const fit = fitToMemory(memoryNeed(trace(traced, signature), ROWS, VECTORS), memoryLimit, rowsOf(data));
  const program = await compile(traced, signature, { threads, runtime });
  let disposed = false;
  const dispose = (): void => {
    disposed = true;
    void program.dispose();
  };

  function operator(here: P, on: D): CurvatureOperator<P, D> {
    const rows = rowsOf(on);

    async function multiply(vectors: Float64Array, out: Float64Array): Promise<void> {
      if (disposed) throw new ArgumentError("the operator has been disposed of");
      const count = vectors.length / dimension;
      if (!Number.isInteger(count) || vectors.length !== out.length)
        throw new ArgumentError(
          `vectors and out must hold multiples of ${dimension} numbers, as many each, got ${vectors.length} and ${out.length}`,
        );
      out.fill(0);
      for (let v = 0; v < count; v += fit.vectors) {
        const end = Math.min(v + fit.vectors, count);
        const arrays = vectorArrays(layout, vectors.subarray(v * dimension, end * dimension), end - v);
        const target = out.subarray(v * dimension, end * dimension);
        for (let start = 0; start < rows; start += fit.rows) {
          const stop = Math.min(start + fit.rows, rows);
          const batch = rowRange(on, start, stop);
          const products = await program.run({ parameters: here, vectors: arrays, batch });
          addTo(layout, products, (reduction === "mean" ? stop - start : 1) / rows, target);
        }
      }
      for (let i = 0; i < out.length; i++)
        if (!Number.isFinite(out[i]))
          throw new ConvergenceError(`a product is ${out[i]} in number ${i % dimension} of the parameters`);
    }

    return {
      rows: dimension,
      columns: dimension,
      symmetric: true,
      layout,
      batchRows: Math.min(fit.rows, rows),
      apply: multiply,
      applyMany: multiply,
      at: ({ parameters: other = here, data: others = on }: OtherPlace<P, D>) => {
        layout.pack(other); // refuses other shapes
        return operator(other, others);
      },
      dispose,
      [Symbol.dispose]: dispose,
    };
  }
  return operator(parameters, data);
}
