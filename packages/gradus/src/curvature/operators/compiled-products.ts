import {
  type ArrayValue,
  flattenTensors,
  floatData,
  releaseArrays,
  type Tensor,
  type TensorSpec,
  type Tree,
  trace,
  vmap,
} from "@gradus/graph";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { repeatedProducts } from "../../objectives/repeated-products.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { type ParameterLayout, parameterLayout } from "../../tree/parameter-layout.ts";
import { rowCount, rowRange } from "../../tree/rows.ts";
import { dataSpecs, treeSpecs } from "../../tree/signature.ts";
import type { CurvatureOperator, CurvaturePlace, OtherPlace } from "./contract.ts";
import { fitToMemory, memoryNeed } from "./memory-need.ts";

/** What a product is traced from: the arrays that vary, and the model's parameters as a function of them. */
export interface TracedPoint<P, D> {
  /** The arrays of the group. */
  readonly point: readonly Tensor[];
  /** All parameters, with the given tensors in place of the group's arrays. */
  parameters(varying: readonly Tensor[]): AsTensors<P>;
  readonly batch: AsTensors<D>;
}

/** The product of a batch's matrix with one vector, one tensor per array of the group. */
export type TracedProduct<P, D> = (place: TracedPoint<P, D>, vector: readonly Tensor[]) => readonly Tensor[];

/** Default memory limit in bytes: half a gigabyte. */
const DEFAULT_MEMORY = 2 ** 29;

/**
 * Bytes of intermediate results above which compiling a product in two parts pays off: it saves about 0.035 ms per
 * megabyte and takes 6 ms (measured for float64 networks with 300 to 10,000 parameters).
 */
const WORTH_PARTS = 1.7e8;

const ROWS = "rows";
const VECTORS = "vectors";

/** Restricts a traced function of all parameters to the group's arrays. */
export function tracedPoint<P extends ValuesOf<P>, D extends ValuesOf<D>>(
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
    return { dtype, shape, data: dtype === "f32" ? new Float32Array(numbers) : numbers.slice() };
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

/**
 * Writes arrays [count, ...shape], one per slot, times a weight into consecutive vectors, or adds them to what is
 * there.
 */
function collect<P>(
  { dimension, slots }: ParameterLayout<P>,
  arrays: readonly ArrayValue[],
  weight: number,
  out: Float64Array,
  adds: boolean,
): void {
  for (const [k, { start, length }] of slots.entries()) {
    const data = floatData(arrays[k]);
    const count = data.length / length;
    for (let v = 0; v < count; v++) {
      const to = v * dimension + start;
      const from = v * length;
      if (adds) for (let i = 0; i < length; i++) out[to + i] += weight * data[from + i];
      else for (let i = 0; i < length; i++) out[to + i] = weight * data[from + i];
    }
  }
}

/** The inputs that all products of one batch share. */
interface Fixed {
  readonly parameters: Tree<Tensor>;
  readonly batch: Tree<Tensor>;
}

/**
 * A curvature matrix by its products, summed over batches of rows. The product is traced now and compiled on demand:
 * for one vector at the first product, vectorized over a block of vectors at the first block. A leading axis for one
 * vector costs more than none, for many vectors far less than separate calls. If all rows fit in one batch, results
 * that depend only on the parameters are kept for products with one vector once that pays off, within the memory limit,
 * which counts every intermediate result.
 *
 * @param product traced for one vector
 * @param reduction whether the product is the mean over a batch's rows, or their sum; the matrix is the mean over all
 * @throws ArgumentError when the memory limit is too small for one row, or names a group without parameters
 * @throws what tracing the product throws; (from a product) what compiling it throws
 */
export async function compileProducts<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  place: CurvaturePlace<P, D>,
  product: TracedProduct<P, D>,
  reduction: "mean" | "sum",
): Promise<CurvatureOperator<P, D>> {
  const { parameters, data, group, memoryLimit = DEFAULT_MEMORY, threads, runtime } = place;
  const layout = parameterLayout(parameters, group);
  const { dimension, slots } = layout;

  function prepare(leading: readonly string[]) {
    const specs = {
      fixed: { parameters: treeSpecs(parameters), batch: dataSpecs(data) },
      varying: slots.map(({ dtype, shape }): TensorSpec => ({ dtype, shape: [...leading, ...shape] })),
    };
    const traced = (fixed: Fixed, vectors: readonly Tensor[]): readonly Tensor[] => {
      const at = tracedPoint<P, D>(layout, fixed.parameters, fixed.batch);
      const multiply = (vector: readonly Tensor[]) => product(at, vector);
      return leading.length > 0 ? vmap(multiply)(vectors) : multiply(vectors);
    };
    const need = memoryNeed(
      trace(({ fixed, varying }) => traced(fixed, varying), specs),
      ROWS,
      VECTORS,
    );
    fitToMemory(need, memoryLimit, 1); // refuses a limit too small before it compiles
    const worthParts = WORTH_PARTS / (need.fixed + rowCount(data) * need.byRow);
    return { products: repeatedProducts(traced, specs, { threads, runtime }, worthParts), need };
  }
  type Prepared = ReturnType<typeof prepare>;
  const single = prepare([]);
  let block: Prepared | undefined;
  let disposed = false;
  const dispose = (): void => {
    if (disposed) return;
    disposed = true;
    single.products.dispose();
    block?.products.dispose();
  };

  function operator(here: P, on: D): CurvatureOperator<P, D> {
    const rows = rowCount(on);

    function placed({ products, need }: Prepared) {
      const fit = fitToMemory(need, memoryLimit, rows);
      const batches = Array.from({ length: Math.ceil(rows / fit.rows) }, (_, k) => {
        const start = k * fit.rows;
        const stop = Math.min(start + fit.rows, rows);
        // Only for products with one vector: the vectors of a block share these results within a call.
        const keep = need.byVector + need.byBoth === 0 && fit.rows >= rows;
        return {
          weight: (reduction === "mean" ? stop - start : 1) / rows,
          multiply: products.at({ parameters: here, batch: rowRange(on, start, stop) }, keep),
        };
      });
      return { fit, batches };
    }
    type Placed = ReturnType<typeof placed>;
    const one = placed(single);
    let many: Placed | undefined;

    /** Fills `out`; the arrays of the vectors are used up. */
    async function multiply(
      { batches }: Placed,
      vectors: readonly ArrayValue[],
      out: Float64Array,
    ): Promise<void> {
      for (const [k, { weight, multiply }] of batches.entries()) {
        const product = await multiply(vectors);
        collect(layout, product, weight, out, k > 0);
        releaseArrays(product);
      }
      releaseArrays(vectors);
      for (let i = 0; i < out.length; i++)
        if (!Number.isFinite(out[i]))
          throw new ConvergenceError(`a product is ${out[i]} at index ${i % dimension} of the parameters`);
    }

    function check(vectors: Float64Array, out: Float64Array, wanted: string, fits: boolean): void {
      if (disposed) throw new ArgumentError("the operator has been disposed of");
      if (!fits || vectors.length !== out.length)
        throw new ArgumentError(
          `vector and result of a product must have ${wanted} numbers, got ${vectors.length} and ${out.length}`,
        );
    }

    return {
      rows: dimension,
      columns: dimension,
      symmetric: true,
      layout,
      batchRows: one.fit.rows,
      async apply(x, out) {
        check(x, out, `${dimension}`, x.length === dimension);
        await multiply(one, slotArrays(layout, x), out);
      },
      async applyMany(vectors, out) {
        check(vectors, out, `a multiple of ${dimension}`, vectors.length % dimension === 0);
        block ??= prepare([VECTORS]);
        many ??= placed(block);
        const size = many.fit.vectors * dimension;
        for (let from = 0; from < vectors.length; from += size) {
          const some = vectors.subarray(from, from + size);
          await multiply(many, vectorArrays(layout, some), out.subarray(from, from + size));
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
