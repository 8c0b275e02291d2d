import { compile, i64, type Tensor, type Tree } from "@gradus/graph";
import type { Settings, StepOptions, StepState, Values } from "../contract.ts";
import { dataSpecs, parameterType, rowsOf, settingSpecs, settingValues, treeSpecs } from "../signature.ts";
import { type Carried, tracedUpdate } from "../traced-step.ts";
import type { NoState } from "./compile-update.ts";
import type { GradientStatistics, StatisticsPart } from "./statistics.ts";
import { statisticsOf, tracedMoments } from "./traced-moments.ts";

/** A step that also measures its batch. */
export interface MeasuredStepProgram<P extends Values, D, H> extends Disposable {
  /** @throws ConvergenceError naming the row whose loss or gradient is not finite */
  step(
    state: StepState<P, NoState>,
    batch: D,
    settings?: Partial<H>,
  ): Promise<{ readonly after: StepState<P, NoState>; readonly statistics: GradientStatistics<P> }>;
}

export interface MeasuredStepOptions<P, D, H> extends StepOptions<P, D, NoState, H> {
  /** As the optimizer starts with it. */
  readonly optimizerState: Values;
  readonly variance: "rows" | "none";
  readonly parts: readonly StatisticsPart[];
}

/**
 * Compiles a gradient, its statistics and the update along it into one program: a step whose batch is settled before
 * it is measured. The gradient does not come back into a second program.
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
      const moments = measure({ parameters, batch: batch as Tree<Tensor>, given });
      const after = update(carried as Carried, moments.gradient, { given, steps, samples });
      return { ...moments, after };
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
      const count = rowsOf(batch, "batch");
      const { after, ...moments } = await program.run({
        carried: { parameters, modelState: {}, optimizerState, average },
        batch,
        given: settingValues(settings, changed),
        steps,
        samples,
      });
      const statistics = statisticsOf<P>(moments, { count, variance, parts, from: 0 });
      return {
        statistics,
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
