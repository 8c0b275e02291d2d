import { type ArrayValue, IndexError, InputError } from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import type { ValuesOf } from "../tree/arrays.ts";
import { firstNotFinite } from "../tree/numbers.ts";
import { rowCount, takeRows } from "../tree/rows.ts";
import { dataSpecs } from "../tree/signature.ts";
import { shuffledBatches } from "./batches.ts";
import { compileStepGraph } from "./compiled-step.ts";
import type { LowMemory, StepOptions, TrainRun, TrainState } from "./contract.ts";
import { DivergenceError } from "./divergence.ts";
import { explainFailedBatch } from "./explain-failed-batch.ts";
import { explainResumed } from "./explain-resumed.ts";
import { compileInitialState, orDispose } from "./initial-state.ts";
import { type PlannedCall, planFullBatches, planMinibatches, planPart, stepsOf } from "./plan.ts";
import { compileSeparateSteps } from "./separate-steps.ts";
import type { Settings } from "./settings.ts";
import { loopGraph, lossGradient, stepGraph } from "./step-parts.ts";

/** The state after some epochs, without the metrics. */
export type EpochsState<P, M> = Omit<TrainState<P, M>, "metrics">;

/** Epochs of one run. */
export interface Epochs<P, M> {
  start(): Promise<EpochsState<P, M>>;
  /**
   * From epoch `from`, or the place in it that `before` has, to epoch `to`, or as many steps toward it; the loss is the
   * mean of the batches' losses weighted by their rows.
   */
  advance(
    before: TrainState<P, M>,
    stretch: { readonly from: number; readonly to: number; readonly steps?: number },
  ): Promise<EpochsState<P, M>>;
}

/** Epochs compiled once, for many runs. */
export interface EpochsProgram<P, D, M, H> extends Disposable {
  begin(run: TrainRun<P, D, M, H>): Epochs<P, M>;
  readonly model: Uint8Array<ArrayBuffer>;
}

/**
 * Compiles epochs of minibatches of one size, or of full batches: forward, backward and update in one ONNX Loop.
 *
 * @param steps what a call is expected to take, if known
 * @throws ArgumentError, DataError naming the option that is not usable
 */
export async function compileEpochs<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  M extends ValuesOf<M>,
  H extends Settings,
>(
  options: StepOptions<P, D, M, H> & LowMemory,
  batchSize: number | "full",
  steps?: number,
): Promise<EpochsProgram<P, D, M, H>> {
  if (batchSize !== "full" && !(Number.isInteger(batchSize) && batchSize >= 1))
    throw new ArgumentError(`batchSize must be "full" or a positive integer, got ${batchSize}`);
  rowCount(options.data);
  const initial = await compileInitialState(options);
  const step = stepGraph(options, dataSpecs(options.data), lossGradient(options));
  const loop = loopGraph(step, { data: options.data, batchSize, steps });
  const program = await orDispose(
    initial,
    options.lowMemory
      ? compileSeparateSteps(options, initial, { loop, batchSize })
      : compileStepGraph(options, initial, loop),
  );

  function begin({
    parameters,
    modelState,
    data = options.data,
    settings,
    seed = 0,
    batches,
    overwrite,
  }: TrainRun<P, D, M, H>) {
    const rows = rowCount(data);
    const plan = batches ?? shuffledBatches(rows);
    const stream = randomStream(seed).split("batches");
    const planned = (from: number, to: number) =>
      batchSize === "full"
        ? planFullBatches(to - from, rows)
        : planMinibatches(
            Array.from({ length: to - from }, (_, i) => plan(stream.split(from + i), batchSize, from + i)),
            batchSize,
          );
    let last: { readonly from: number; readonly to: number; readonly calls: PlannedCall[] } | undefined;
    /** An epoch that is taken in parts is planned once. */
    const callsOf = (from: number, to: number) => {
      if (last?.from !== from || last.to !== to) last = { from, to, calls: planned(from, to) };
      return last.calls;
    };
    return {
      start: async () => ({
        ...(await initial.start({ parameters, modelState, settings })),
        loss: undefined,
      }),
      async advance(
        before: TrainState<P, M>,
        { from, to, steps }: { readonly from: number; readonly to: number; readonly steps?: number },
      ) {
        const { metrics: _, place: begun, ...first } = before;
        let state: EpochsState<P, M> = first;
        let total = begun?.total ?? 0;
        let lastFiniteLoss = before.loss;
        const fail = (what: string, place: { epoch: number; batch: number }, step: number): never => {
          const epoch = from + place.epoch + 1;
          const before =
            lastFiniteLoss === undefined && step === 1
              ? "before any step: check the loss and the initial parameters."
              : `the last finite loss was ${lastFiniteLoss ?? "none"}. Is the learning rate too large?`;
          throw new DivergenceError(
            `${what} at epoch ${epoch}, batch ${place.batch + 1}; ${before} (Step ${step} of the training.)`,
            { epoch, step, lastFiniteLoss },
          );
        };
        const explain = async (call: PlannedCall, i: number) => {
          const { epoch, batch } = call.place(i);
          const rows =
            batchSize === "full"
              ? data
              : takeRows(
                  data,
                  Array.from(call.plan.data.subarray(i * call.rows, (i + 1) * call.rows), Number),
                );
          const place = `epoch ${from + epoch + 1}, batch ${batch + 1}`;
          await explainFailedBatch(options, { state, data, batch: rows, settings, place });
        };
        const whole = callsOf(from, to);
        const skipped = begun?.batches ?? 0;
        const calls =
          skipped > 0 || steps !== undefined
            ? planPart(whole, skipped, steps ?? Number.POSITIVE_INFINITY)
            : whole;
        for (const call of calls) {
          const { plan, rows, place } = call;
          const steps = plan.shape[0];
          const taken = program.run({ state, inputs: { data, plan }, steps, rows, settings, overwrite });
          const { state: next, told } = await taken.catch(async (error: unknown) => {
            if (error instanceof IndexError) await explain(call, 0);
            if (error instanceof InputError)
              explainResumed(state, {
                parameters: options.parameters,
                optimizerSpecs: initial.optimizerSpecs,
              });
            throw error;
          });
          const losses = (told as ArrayValue).data;
          for (let i = 0; i < losses.length; i++) {
            const value = Number(losses[i]);
            if (!Number.isFinite(value)) await explain(call, i);
            if (!Number.isFinite(value)) fail(`the loss became ${value}`, place(i), state.steps + i + 1);
            lastFiniteLoss = value;
            total += value * rows;
          }
          state = { ...next, loss: undefined };
        }
        // A loss is taken before its step, so what the last step did shows in the parameters alone.
        const bad = firstNotFinite({ parameters: state.parameters, modelState: state.modelState });
        const last = calls.at(-1);
        if (bad && last)
          fail(
            `${bad.path} became ${bad.value} in element ${bad.index}`,
            last.place(last.plan.shape[0] - 1),
            state.steps,
          );
        const samples = (begun?.samples ?? 0) + state.samples - before.samples;
        const done = { ...state, loss: total / samples };
        if (begun === undefined && steps === undefined) return done;
        const [batches, of] = [skipped + stepsOf(calls), stepsOf(whole)];
        const place =
          batches < of
            ? { epoch: from, batches, of, total, samples }
            : { epoch: to, batches: 0, of, total: 0, samples: 0 };
        return { ...done, place };
      },
    };
  }

  return {
    begin,
    get model() {
      return program.model;
    },
    [Symbol.dispose]() {
      initial[Symbol.dispose]();
      program[Symbol.dispose]();
    },
  };
}
