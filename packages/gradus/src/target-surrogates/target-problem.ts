import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkOptions } from "../check/options.ts";
import { type Minibatch, minibatches } from "../data/minibatches.ts";
import type { TargetBatch, TargetLoss, TargetModel, TargetProblem } from "./contract.ts";

export interface TargetProblemOptions {
  /** Rows per batch; `"full"` for all rows in every step. */
  readonly batchSize?: number | "full";
  /** Draw every row independently instead of visiting all rows in a new random order each epoch. */
  readonly replacement?: boolean;
  /** Whether the rows left over at the end of an epoch form a smaller, noisier batch or are skipped. */
  readonly leftover?: "batch" | "skip";
  readonly seed?: number;
}

function checkModel(model: TargetModel): void {
  const found: Partial<TargetModel> | null | undefined = model;
  if (typeof found?.on === "function" && Number.isInteger(found.rows)) return;
  throw new ArgumentError(
    `model must have rows and on, as linearTargets(X) or what tracedTargets gives by its on(inputs), got ${shown(model)}`,
  );
}

/**
 * The problem min (1/n) sum_i l_i(f_i(theta)) in minibatches. The last batch of an epoch is smaller if the batch size
 * does not divide n, unless `leftover` is "skip".
 *
 * @param model the model with its data: `linearTargets(X)`, or `(await tracedTargets({ ... })).on(inputs)`
 * @throws ArgumentError when model is none, the shapes of model and loss differ, or the batch size is not in 1 .. n
 */
export function targetProblem(
  model: TargetModel,
  loss: TargetLoss,
  options: TargetProblemOptions = {},
): TargetProblem {
  checkOptions("targetProblem", options, ["batchSize", "replacement", "leftover", "seed"]);
  const { batchSize = "full", replacement = false, leftover = "batch", seed = 1 } = options;
  checkModel(model);
  const { rows: n, outputs, dimension } = model;
  if (loss.rows !== n || loss.outputs !== outputs)
    throw new ArgumentError(
      `the loss must take the model's targets [${n}, ${outputs}], got one of [${loss.rows}, ${loss.outputs}]`,
    );
  const deterministic = batchSize === "full";
  if (!deterministic && !(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= n))
    throw new ArgumentError(`batchSize must be "full" or an integer from 1 to n = ${n}, got ${batchSize}`);
  const whole: TargetBatch = { map: model.on(), loss: loss.on(), whole: model.on() };
  let stream: Generator<Minibatch, never, void> | undefined;
  let next = -1;

  function rowsAt(iteration: number): Int32Array {
    if (stream === undefined || iteration !== next)
      stream = minibatches(n, {
        batchSize: Number(batchSize),
        replacement,
        leftover,
        from: iteration,
        seed,
      });
    next = iteration + 1;
    return stream.next().value.rows;
  }

  /** Caches the last batch: a method and a report on it request the same one. */
  let last: { readonly iteration: number; readonly batch: TargetBatch } | undefined;

  return {
    dimension,
    outputs,
    rows: n,
    batchesPerEpoch: deterministic ? 1 : Math[leftover === "skip" ? "floor" : "ceil"](n / batchSize),
    deterministic,
    smoothness: loss.smoothness,
    at(iteration) {
      if (deterministic) return whole;
      if (last?.iteration === iteration) return last.batch;
      const rowNumbers = rowsAt(iteration);
      const batch = { map: model.on(rowNumbers), loss: loss.on(rowNumbers), rowNumbers, whole: whole.map };
      last = { iteration, batch };
      return batch;
    },
  };
}
