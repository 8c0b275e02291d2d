import { compile, flattenTensors, i64, item, sum, type Tensor, type Tree } from "@gradus/graph";
import type { Values } from "../../tree/arrays.ts";
import { rowCount } from "../../tree/rows.ts";
import { dataSpecs, parameterType, treeSpecs } from "../../tree/signature.ts";
import type { StepOptions, StepState } from "../contract.ts";
import type { Settings } from "../settings.ts";
import { settingSpecs, settingValues } from "../settings.ts";
import { type Carried, tracedUpdate } from "../traced-step.ts";
import type { NoState } from "./compile-update.ts";
import type { BatchStatistics, StatisticsPart } from "./statistics.ts";
import { statisticsOf, tracedMoments } from "./traced-moments.ts";

/** What a step gives, and what it measured. */
export interface MeasuredStep<P extends Values> {
  readonly after: StepState<P, NoState>;
  /** Without the gradient, unless the coordinates were asked for. */
  readonly statistics: BatchStatistics<P>;
  /** False where the parameters after the step may not all be finite. */
  readonly finite: boolean;
}

/** A step that also measures its batch. */
export interface MeasuredStepProgram<P extends Values, D, H> extends Disposable {
  /** @throws ConvergenceError naming the row whose loss or gradient is not finite */
  step(state: StepState<P, NoState>, batch: D, settings?: Partial<H>): Promise<MeasuredStep<P>>;
}

export interface MeasuredStepOptions<P, D, H> extends StepOptions<P, D, NoState, H> {
  /** As the optimizer starts with it. */
  readonly optimizerState: Values;
  readonly variance: "rows" | "none";
  readonly parts: readonly StatisticsPart[];
}

/**
 * Compiles a gradient, its statistics and the update along it into one program: a step whose batch is settled before
 * it is measured. The gradient does not leave it: only what a test reads comes back, beside the next state.
 *
 * @throws ShapeError when tracing the loss fails
 */
export async function compileMeasuredStep<P extends Values, D extends Values, H extends Settings>(
  options: MeasuredStepOptions<P, D, H>,
): Promise<MeasuredStepProgram<P, D, H>> {
  const { averaging, parameters: like, data, settings = {}, threads, runtime, variance, parts } = options;
  const update = tracedUpdate(options);
  const dtype = parameterType(like);
  const measure = tracedMoments<P, D, H>({ ...options, dtype });
  const program = await compile(
    ({ carried, batch, given, steps, samples }) => {
      const { parameters } = carried as Carried;
      const { gradient, ...moments } = measure({ parameters, batch: batch as Tree<Tensor>, given });
      const after = update(carried as Carried, gradient, { given, steps, samples });
      // A sum is finite only where all its terms are.
      const sums = flattenTensors(after.parameters).leaves.map((p) => sum(p));
      return { ...moments, after, sums, kept: parts.includes("coordinates") ? [gradient] : [] };
    },
    {
      carried: {
        parameters: treeSpecs(like),
        modelState: {},
        optimizerState: treeSpecs(options.optimizerState),
        average: averaging ? treeSpecs(like) : [],
      },
      batch: dataSpecs(data),
      given: settingSpecs(settings, dtype),
      steps: i64(),
      samples: i64(),
    },
    { threads, runtime },
  );
  return {
    async step({ parameters, optimizerState, average = [], steps, samples }, batch, changed) {
      const count = rowCount(batch, "batch");
      const { after, sums, kept, ...moments } = await program.run({
        carried: { parameters, modelState: {}, optimizerState, average },
        batch,
        given: settingValues(settings, changed),
        steps,
        samples,
      });
      const measured = { ...moments, gradient: kept[0] };
      return {
        statistics: statisticsOf<P>(measured, { count, variance, parts, from: 0 }),
        finite: sums.every((total) => Number.isFinite(item(total))),
        after: {
          parameters: after.parameters as P,
          modelState: {},
          optimizerState: after.optimizerState,
          average: averaging ? (after.average as P) : undefined,
          steps: steps + 1,
          samples: samples + count,
        },
      };
    },
    [Symbol.dispose]: () => program.dispose(),
  };
}
