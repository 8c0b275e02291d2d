import {
  compile,
  expandDims,
  floatData,
  gradient,
  hessianVectorProduct,
  mapTensors,
  releaseArrays,
  type Tensor,
  type Tree,
  trace,
  vmap,
} from "@gradus/graph";
import { checkLength } from "../../check/arrays.ts";
import { ConvergenceError } from "../../check/errors.ts";
import { checkIntegerWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import { type ParameterLayout, parameterLayout } from "../../tree/parameter-layout.ts";
import { rowCount, rowRange } from "../../tree/rows.ts";
import { dataSpecs, treeSpecs } from "../../tree/signature.ts";
import { checkProblem } from "../operators/check-problem.ts";
import { slotArrays, type TracedPoint, tracedPoint } from "../operators/compiled-products.ts";
import type { CurvaturePlace, LossProblem } from "../operators/contract.ts";
import { fitToMemory, memoryNeed } from "../operators/memory-need.ts";

/** Vectors over the parameters for a block of rows of the data. */
export interface RowBlock<P> {
  /** The first row of the block. */
  readonly start: number;
  /** Number of rows in the block. */
  readonly rows: number;
  /** Number of rows of the data. */
  readonly total: number;
  /** Rows are vectors of the layout's dimension, `perRow` for each row of the data. */
  readonly vectors: DenseMatrix;
  /** Vectors per row of the data. */
  readonly perRow: number;
  readonly layout: ParameterLayout<P>;
}

export interface RowBlocksOptions {
  /** The first row; pass `start + rows` of the last block to continue after it. */
  readonly from?: number;
  readonly signal?: AbortSignal;
}

/** Traces the vectors of one row, [perRow, ...shape] for each array of the group, from a batch of that row alone. */
export type TracedRow<P, D> = (place: TracedPoint<P, D>, vector: readonly Tensor[]) => readonly Tensor[];

const DEFAULT_MEMORY = 2 ** 28;

interface Given {
  readonly parameters: Tree<Tensor>;
  readonly vector: readonly Tensor[];
  readonly batch: Tree<Tensor>;
}

/** The compiled vectors of each row. Holds native memory: declare it with `using`. */
export interface CompiledRows<P> extends Disposable {
  readonly layout: ParameterLayout<P>;
  /**
   * Iterates over the data block by block.
   *
   * @param vector an extra vector for the traced row, the same for all rows
   * @throws ArgumentError when `from` is not a row or the vector has the wrong length
   * @throws ConvergenceError naming the row whose vector is not finite
   */
  blocks(
    options?: RowBlocksOptions & { readonly vector?: Float64Array },
  ): AsyncGenerator<RowBlock<P>, void, void>;
}

/**
 * Compiles the vectors of a row, vectorized over rows.
 *
 * @param takesVector whether the traced row takes an extra vector
 * @throws ArgumentError when the memory limit is too small for one row
 */
async function compileRows<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  place: CurvaturePlace<P, D>,
  row: TracedRow<P, D>,
  takesVector = false,
): Promise<CompiledRows<P>> {
  const { parameters, data, group, memoryLimit = DEFAULT_MEMORY, threads, runtime } = place;
  const layout = parameterLayout(parameters, group);
  const { dimension, slots } = layout;
  const total = rowCount(data);
  const signature = {
    parameters: treeSpecs(parameters),
    vector: takesVector ? slots.map(({ dtype, shape }) => ({ dtype, shape })) : [],
    batch: dataSpecs(data),
  };
  const traced = (given: Given): readonly Tensor[] =>
    vmap((example: Tree<Tensor>) => {
      const batch = mapTensors((entry) => expandDims(entry, 0), example);
      return row(tracedPoint<P, D>(layout, given.parameters, batch), given.vector);
    })(given.batch);
  const need = memoryNeed(trace(traced, signature), "rows", "");
  const { rows } = fitToMemory(need, memoryLimit, total);
  const program = await compile(traced, signature, { threads, runtime });

  async function* blocks({
    from = 0,
    signal,
    vector,
  }: RowBlocksOptions & { readonly vector?: Float64Array } = {}): AsyncGenerator<RowBlock<P>, void, void> {
    checkIntegerWithin(0, total, { from });
    if (vector) checkLength("vector", vector, dimension);
    const shared = vector ? slotArrays(layout, vector) : [];
    for (let start = from; start < total; start += rows) {
      signal?.throwIfAborted();
      const stop = Math.min(start + rows, total);
      const arrays = await program.run({ parameters, vector: shared, batch: rowRange(data, start, stop) });
      const count = arrays[0].data.length / slots[0].length;
      const perRow = count / (stop - start);
      const entries = new Float64Array(count * dimension);
      for (const [k, { start: at, length }] of slots.entries()) {
        const values = floatData(arrays[k]);
        for (let i = 0; i < count; i++)
          entries.set(values.subarray(i * length, (i + 1) * length), i * dimension + at);
      }
      releaseArrays(arrays);
      for (let i = 0; i < entries.length; i++)
        if (!Number.isFinite(entries[i]))
          throw new ConvergenceError(
            `row ${start + Math.floor(i / (dimension * perRow))} gives ${entries[i]} at index ${i % dimension} of the parameters`,
          );
      const vectors = { rows: count, columns: dimension, values: entries };
      yield { start, rows: stop - start, total, vectors, perRow, layout };
    }
  }
  return { layout, blocks, [Symbol.dispose]: () => void program.dispose() };
}

/** The blocks of one pass over the data, compiled for this pass only. */
export async function* rowBlocks<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  place: CurvaturePlace<P, D>,
  row: TracedRow<P, D>,
  options: RowBlocksOptions = {},
): AsyncGenerator<RowBlock<P>, void, void> {
  using rows = await compileRows(place, row);
  yield* rows.blocks(options);
}

/** The product of each row's own Hessian with a vector, compiled once for any number of vectors. */
export function compileRowHessians<P extends ValuesOf<P>, D extends ValuesOf<D>>({
  loss,
  ...place
}: LossProblem<P, D>): Promise<CompiledRows<P>> {
  return compileRows<P, D>(
    place,
    ({ point, parameters, batch }, vector) =>
      hessianVectorProduct((varying: readonly Tensor[]) => loss(parameters(varying), batch))(point, vector),
    true,
  );
}

/**
 * The gradient of each row's loss, in blocks of rows: row i of the vectors is grad l(w, x_i). Only one block is held in
 * memory, within the memory limit.
 *
 * @throws what `rowBlocks` throws
 */
export function perExampleGradientBlocks<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: LossProblem<P, D>,
  options: RowBlocksOptions = {},
): AsyncGenerator<RowBlock<P>, void, void> {
  checkProblem("perExampleGradientBlocks", problem, ["loss"]);
  checkOptions("perExampleGradientBlocks", options, ["from", "signal"]);
  const { loss, ...place } = problem;
  return rowBlocks<P, D>(
    place,
    ({ point, parameters, batch }) =>
      gradient((varying: readonly Tensor[]) => loss(parameters(varying), batch))(point),
    options,
  );
}

/**
 * The product of each row's own Hessian with one vector, in blocks of rows: row i of the vectors is H_i v. The variance
 * of batch Hessians is estimated from these products.
 *
 * @param v a vector of the layout's dimension (of the group's, if the problem names one)
 * @throws ArgumentError when v has the wrong length; what `rowBlocks` throws
 */
export function perExampleHessianProductBlocks<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: LossProblem<P, D>,
  v: Float64Array,
  options: RowBlocksOptions = {},
): AsyncGenerator<RowBlock<P>, void, void> {
  checkProblem("perExampleHessianProductBlocks", problem, ["loss"]);
  checkOptions("perExampleHessianProductBlocks", options, ["from", "signal"]);
  checkLength("v", v, parameterLayout(problem.parameters, problem.group).dimension);
  return hessianProductBlocks(problem, v, options);
}

async function* hessianProductBlocks<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  problem: LossProblem<P, D>,
  vector: Float64Array,
  options: RowBlocksOptions,
): AsyncGenerator<RowBlock<P>, void, void> {
  using rows = await compileRowHessians(problem);
  yield* rows.blocks({ ...options, vector });
}
