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

/** A vector of the layout's dimension as the arrays of its slots. */
export function slotArrays<P>({ slots }: ParameterLayout<P>, x: Float64Array): ArrayValue[] {
  return slots.map(({ dtype, shape, start, length }): ArrayValue => {
    const numbers = x.subarray(start, start + length);
    return { dtype, shape, data: dtype === "f32" ? Float32Array.from(numbers) : numbers.slice() };
  });
}

/** Vectors of the layout's dimension, one after another, as one array [count, ...shape] for each of its slots. */
function vectorArrays<P>({ dimension, slots }: ParameterLayout<P>, vectors: Float64Array): ArrayValue[] {
  const count = vectors.length / dimension;
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

interface Given {
  readonly parameters: Tree<Tensor>;
  readonly vectors: readonly Tensor[];
  readonly batch: Tree<Tensor>;
}

/**
 * Compiles a curvature matrix: products of every batch of rows, summed over the batches. The program for one vector is
 * compiled now, the one that is vectorized over a block of them at the first block: a leading axis of one vector costs
 * more than none, and of many far less than as many calls.
 *
 * @param product traced for one vector
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
  const { dimension, slots } = layout;

  async function prepare(leading: readonly string[]) {
    const signature = {
      parameters: treeSpecs(parameters),
      vectors: slots.map(({ dtype, shape }): TensorSpec => ({ dtype, shape: [...leading, ...shape] })),
      batch: dataSpecs(data),
    };
    const traced = ({ parameters: all, vectors, batch }: Given): readonly Tensor[] => {
      const at = tracedPoint<P, D>(layout, all, batch);
      const multiply = (vector: readonly Tensor[]) => product(at, vector);
      return leading.length > 0 ? vmap(multiply)(vectors) : multiply(vectors);
    };
    const need = memoryNeed(trace(traced, signature), ROWS, VECTORS);
    const fit = fitToMemory(need, memoryLimit, rowsOf(data));
    return { program: await compile(traced, signature, { threads, runtime }), fit };
  }
  type Prepared = Awaited<ReturnType<typeof prepare>>;
  const single = await prepare([]);
  let block: Promise<Prepared> | undefined;
  let disposed = false;
  const dispose = (): void => {
    if (disposed) return;
    disposed = true;
    void single.program.dispose();
    void block?.then(
      ({ program }) => program.dispose(),
      () => undefined,
    );
  };

  function operator(here: P, on: D): CurvatureOperator<P, D> {
    const rows = rowsOf(on);

    async function multiply(
      { program, fit }: Prepared,
      vectors: readonly ArrayValue[],
      out: Float64Array,
    ): Promise<void> {
      out.fill(0);
      for (let start = 0; start < rows; start += fit.rows) {
        const stop = Math.min(start + fit.rows, rows);
        const batch = rowRange(on, start, stop);
        const products = await program.run({ parameters: here, vectors, batch });
        addTo(layout, products, (reduction === "mean" ? stop - start : 1) / rows, out);
      }
      for (let i = 0; i < out.length; i++)
        if (!Number.isFinite(out[i]))
          throw new ConvergenceError(`a product is ${out[i]} in number ${i % dimension} of the parameters`);
    }

    function check(vectors: Float64Array, out: Float64Array, wanted: string, fits: boolean): void {
      if (disposed) throw new ArgumentError("the operator has been disposed of");
      if (!fits || vectors.length !== out.length)
        throw new ArgumentError(
          `a product wants ${wanted} numbers, and as many for the result, got ${vectors.length} and ${out.length}`,
        );
    }

    return {
      rows: dimension,
      columns: dimension,
      symmetric: true,
      layout,
      batchRows: Math.min(single.fit.rows, rows),
      async apply(x, out) {
        check(x, out, `${dimension}`, x.length === dimension);
        await multiply(single, slotArrays(layout, x), out);
      },
      async applyMany(vectors, out) {
        check(vectors, out, `a multiple of ${dimension}`, vectors.length % dimension === 0);
        block ??= prepare([VECTORS]);
        const prepared = await block;
        const size = prepared.fit.vectors * dimension;
        for (let from = 0; from < vectors.length; from += size) {
          const some = vectors.subarray(from, from + size);
          await multiply(prepared, vectorArrays(layout, some), out.subarray(from, from + size));
        }
      },
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
