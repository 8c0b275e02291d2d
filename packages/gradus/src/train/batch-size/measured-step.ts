import { type ArrayValue, flattenTensors, item, sum, type Tensor, type Tree } from "@gradus/graph";
import type { ValuesOf } from "../../tree/arrays.ts";
import { rowCount } from "../../tree/rows.ts";
import { dataSpecs, parameterType, treeSpecs } from "../../tree/signature.ts";
import { compileStepGraph } from "../compiled-step.ts";
import type { StepOptions, StepState } from "../contract.ts";
import type { InitialState } from "../initial-state.ts";
import type { Settings } from "../settings.ts";
import { stepGraph } from "../step-parts.ts";
import type { NoState } from "./contract.ts";
import type { BatchStatistics, StatisticsPart } from "./statistics.ts";
import { statisticsOf, tracedMoments } from "./traced-moments.ts";

/** What a step gives, and what it measured. */
export interface MeasuredStep<P extends ValuesOf<P>> {
  readonly after: StepState<P, NoState>;
  /** Without the gradient, unless the coordinates were asked for. */
  readonly statistics: BatchStatistics<P>;
  /** False where the parameters after the step may not all be finite. */
  readonly finite: boolean;
}

/** A step that also measures its batch. */
export interface MeasuredStepProgram<P extends ValuesOf<P>, D, H> extends Disposable {
  /** @throws ConvergenceError naming the row whose loss or gradient is not finite */
  step(state: StepState<P, NoState>, batch: D, settings?: Partial<H>): Promise<MeasuredStep<P>>;
}

export interface MeasuredStepOptions<P, D, H> extends StepOptions<P, D, NoState, H> {
  readonly variance: "rows" | "none";
  readonly parts: readonly StatisticsPart[];
}

/**
 * Compiles a gradient, its statistics and the update along it into one program: a step whose batch is settled before
 * it is measured. The gradient does not leave it: only what a test reads comes back, beside the next state.
 *
 * @throws ShapeError when tracing the loss fails
 */
export async function compileMeasuredStep<P extends ValuesOf<P>, D extends ValuesOf<D>, H extends Settings>(
  options: MeasuredStepOptions<P, D, H>,
  initial: InitialState<P, NoState, H>,
): Promise<MeasuredStepProgram<P, D, H>> {
  const { variance, parts } = options;
  const measure = tracedMoments<P, D, H>({ ...options, dtype: parameterType(options.parameters) });
  const graph = stepGraph(
    options,
    dataSpecs(options.data),
    ({ parameters, modelState }, batch, given) => {
      const { gradient, ...told } = measure({ parameters, batch, given });
      return { gradient, modelState, told };
    },
    ({ after, gradient, told }) => ({
      moments: told,
      // A sum is finite only where all its terms are.
      sums: flattenTensors(after.parameters).leaves.map((p) => sum(p)),
      kept: parts.includes("coordinates") ? [gradient] : ([] as Tree<Tensor>[]),
    }),
  );
  const program = await compileStepGraph(options, initial, graph);
  return {
    async step(state, batch, settings) {
      const count = rowCount(batch, "batch");
      const { state: after, told } = await program.run({
        state,
        inputs: batch,
        steps: 1,
        rows: count,
        settings,
      });
      const { moments, sums, kept } = told as {
        moments: Omit<Parameters<typeof statisticsOf>[0], "gradient">;
        sums: ArrayValue[];
        kept: unknown[];
      };
      return {
        after,
        statistics: statisticsOf<P>({ ...moments, gradient: kept[0] }, { count, variance, parts, from: 0 }),
        finite: sums.every((total) => Number.isFinite(item(total))),
      };
    },
    [Symbol.dispose]: () => program[Symbol.dispose](),
  };
}

/** Updates of parameters by gradients that were made elsewhere. */
export interface UpdateProgram<P, H> extends Disposable {
  /** The state after a step along the gradient of a batch of `rows` rows. */
  update(
    state: StepState<P, NoState>,
    gradient: P,
    rows: number,
    settings?: Partial<H>,
  ): Promise<StepState<P, NoState>>;
}

/** Compiles what a step does behind its gradient: the optimizer's update, and the running average. */
export async function compileUpdate<P extends ValuesOf<P>, D extends ValuesOf<D>, H extends Settings>(
  options: StepOptions<P, D, NoState, H>,
  initial: InitialState<P, NoState, H>,
): Promise<UpdateProgram<P, H>> {
  const graph = stepGraph(
    options,
    treeSpecs(options.parameters),
    ({ modelState }, gradient) => ({ gradient, modelState, told: [] }),
    () => [],
  );
  const program = await compileStepGraph(options, initial, graph);
  return {
    async update(state, gradient, rows, settings) {
      return (await program.run({ state, inputs: gradient, steps: 1, rows, settings })).state;
    },
    [Symbol.dispose]: () => program[Symbol.dispose](),
  };
}
