import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions, solve } from "../../iterate/iterate.ts";
import { randomStream } from "../../random/stream.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import { rowCount, takeRows } from "../../tree/rows.ts";
import type { CurvatureOperator } from "../operators/contract.ts";
import { lanczosQuadrature } from "../spectrum/lanczos-quadrature.ts";
import { drawBatch } from "./draw-batch.ts";
import { type BatchSampling, effectiveBatchSize } from "./effective-batch-size.ts";

export interface BatchExtremesOptions extends BatchSampling, MethodOptions<BatchExtremesState> {
  readonly batchSize: number;
  /** Number of batches after which the method ends. */
  readonly batches?: number;
  /** Lanczos steps per batch. */
  readonly steps?: number;
  readonly seed?: number;
}

/** The state of the measurement, plain data. */
export interface BatchExtremesState {
  readonly largest: readonly number[];
  readonly smallest: readonly number[];
}

/** What an iterate reports: the extreme Ritz values of every batch so far. */
export interface BatchExtremesView extends BatchExtremesState {
  /** The size of a batch with replacement that has the same variance: `effectiveBatchSize`. */
  readonly effectiveBatch: number;
}

/**
 * The extreme eigenvalues of a curvature matrix on independent random batches of the data, by Lanczos on each; one
 * iterate per batch. Outliers converge in about 15 steps; the smallest Ritz value is an upper bound.
 *
 * @param A a curvature operator on data of the same structure
 * @param data from which the batches are drawn
 * @throws ArgumentError when a number is out of range
 * @throws ConvergenceError naming the probe and the step where a product is not finite
 */
export function batchExtremeEigenvalues<P extends ValuesOf<P>, D extends ValuesOf<D>>(
  A: CurvatureOperator<P, D>,
  data: D,
  options: BatchExtremesOptions,
): Method<Iterate<BatchExtremesState> & BatchExtremesView> {
  checkGivenOptions("batchExtremeEigenvalues", options, [
    "batchSize",
    "batches",
    "steps",
    "replacement",
    "seed",
    "resume",
    "signal",
  ]);
  const { batchSize, batches = 40, steps = 15, replacement = false, seed = 0, resume, signal } = options;
  const rows = rowCount(data);
  const effectiveBatch = effectiveBatchSize(batchSize, rows, { replacement });
  checkPositiveInteger({ batches, steps });
  const stream = randomStream(seed).split("batches").split(batchSize);
  return iterates<BatchExtremesState, BatchExtremesView>(
    {
      fields: ["largest", "smallest"],
      start: () => ({ largest: [], smallest: [] }),
      async step({ largest, smallest }, batch) {
        const chosen = drawBatch(stream.split(batch), rows, batchSize, { replacement });
        const there = A.at({ data: takeRows(data, chosen) });
        const { iterate } = await solve(lanczosQuadrature(there, { probes: 1, steps, seed: batch, signal }));
        const { nodes } = iterate.rules[0];
        return {
          largest: [...largest, nodes[0]],
          smallest: [...smallest, nodes[nodes.length - 1]],
        };
      },
      view: (state, count) => ({ ...state, effectiveBatch, done: count >= batches }),
    },
    { resume, signal },
  );
}
