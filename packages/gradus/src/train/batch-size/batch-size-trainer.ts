import { shown } from "../../check/describe.ts";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkLimit } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import { firstNotFinite, squaredNormOf } from "../../tree/numbers.ts";
import { joinRows } from "../../tree/rows.ts";
import { checkStepOptions } from "../check-train-options.ts";
import type { StepOptions, StepState } from "../contract.ts";
import { DivergenceError } from "../divergence.ts";
import { compileInitialState, orDispose } from "../initial-state.ts";
import type { Settings } from "../settings.ts";
import { compileGradientStatistics, type GradientStatisticsProgram } from "./compile-statistics.ts";
import type { BatchSizeMeasured, BatchSizePolicy, BatchSizeProgress, NoState } from "./contract.ts";
import { compileMeasuredStep, compileUpdate, type MeasuredStepProgram } from "./measured-step.ts";
import { constantBatchSize } from "./planned-batch-sizes.ts";
import { type Drawn, dataOracle, type OracleState, type SampleOracle } from "./sample-oracle.ts";
import { mergeStatistics, type StatisticsPart } from "./statistics.ts";
import { RowNotFiniteError } from "./traced-moments.ts";

/** The state from which training by a policy resumes. */
export interface BatchSizeState<P> extends StepState<P, NoState>, BatchSizeProgress {}

/** An iterate of training by a policy: one per step. */
export interface BatchSizeIterate<P> extends Iterate<BatchSizeState<P>>, BatchSizeMeasured {
  /** Steps taken. */
  readonly steps: number;
  /** Rows of all batches so far. */
  readonly samples: number;
  /** The ratio of the test, where the batch was tested: at most 1 when it passed. */
  readonly ratio: number | undefined;
  readonly gradientNorm: number | undefined;
  readonly parameters: P;
  readonly average: P | undefined;
}

/** What training by a policy is made of. */
export interface BatchSizeTrainerOptions<P, D, H>
  extends Omit<StepOptions<P, D, NoState, H>, "data" | "modelState"> {
  /** Rows to draw batches from without replacement, or an oracle that makes them: `streamOracle`. */
  readonly data: D | SampleOracle<D>;
  /** Rows whose gradients are taken at once; larger batches are processed in parts, with the same result. */
  readonly microBatch?: number;
}

/** One run of training by a policy. */
export interface BatchSizeRun<P, D, H> extends MethodOptions<BatchSizeState<P>> {
  /** How large the batches are: `adaptiveBatchSize({ ... })`, another policy, or a number. */
  readonly batchSize: BatchSizePolicy | number;
  readonly parameters?: P;
  readonly data?: D | SampleOracle<D>;
  readonly settings?: Partial<H>;
  readonly seed?: number;
  /** Ends after the step that reaches this total of rows. Endless when left out. */
  readonly samples?: number;
}

/** Training by policies, compiled once for batches of every size. Dispose of it, or declare it with `using`. */
export interface BatchSizeTrainer<P, D, H> extends Disposable {
  /** Trains: an iterate per step, from which training resumes bit for bit. */
  train(run: BatchSizeRun<P, D, H>): Method<BatchSizeIterate<P>>;
  /** The gradient of a batch, with what the policy's test needs, as an ONNX file. */
  model(batchSize: BatchSizePolicy | number): Promise<Uint8Array<ArrayBuffer>>;
  dispose(): void;
}

function policyOf(batchSize: BatchSizePolicy | number): BatchSizePolicy {
  if (typeof batchSize !== "number" && typeof batchSize?.next !== "function")
    throw new ArgumentError(`batchSize must be a positive integer or a policy, got ${shown(batchSize)}`);
  return typeof batchSize === "number" ? constantBatchSize(batchSize) : batchSize;
}

function isOracle<D>(data: D | SampleOracle<D>): data is SampleOracle<D> {
  return typeof data === "object" && data !== null && "draw" in data && typeof data.draw === "function";
}

/** What the map has at a key, made on first use. */
function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const program = known.get(key) ?? make();
  known.set(key, program);
  return program;
}

/**
 * Compiles training whose batches are as large as a policy says, with any gradient transformation. A step draws a
 * batch, takes its gradient and what the policy's test needs, updates, and then asks the policy for the next size;
 * with `retry` the batch that fails grows before the step. Once the maximum is reached nothing is tested.
 *
 * @throws ArgumentError, DataError naming the option that is not usable
 * @throws ShapeError when tracing the loss fails
 */
export async function compileBatchSizeTrainer<
  P extends ValuesOf<P>,
  D extends ValuesOf<D>,
  H extends Settings = Record<string, never>,
>(options: BatchSizeTrainerOptions<P, D, H>): Promise<BatchSizeTrainer<P, D, H>> {
  checkStepOptions("compileBatchSizeTrainer", options, ["microBatch"]);
  return makeBatchSizeTrainer<P, D, H>(options);
}

/** The same, of options that have been checked. */
export async function makeBatchSizeTrainer<P extends ValuesOf<P>, D extends ValuesOf<D>, H extends Settings>(
  options: BatchSizeTrainerOptions<P, D, H>,
): Promise<BatchSizeTrainer<P, D, H>> {
  const { data: first, microBatch, ...rest } = options;
  const step = { ...rest, data: isOracle(first) ? first.example : first };
  const begin = await compileInitialState(step);
  const updater = await orDispose(begin, compileUpdate<P, D, H>(step, begin));
  const compiled = new Map<string, Promise<GradientStatisticsProgram<P, D, H>>>();
  const compiledSteps = new Map<string, Promise<MeasuredStepProgram<P, D, H>>>();
  const { loss, parameters: like, settings: initialSettings, threads, runtime } = step;
  const measured = { loss, parameters: like, data: step.data, settings: initialSettings, threads, runtime };
  const wanted = (parts: readonly StatisticsPart[] | undefined) =>
    ({ ...step, variance: parts ? "rows" : "none", parts: parts ?? [] }) as const;
  const keyOf = (parts: readonly StatisticsPart[] | undefined) =>
    parts ? ["variance", ...parts].join(" ") : "";
  const statisticsFor = (parts: readonly StatisticsPart[] | undefined) =>
    once(compiled, keyOf(parts), () =>
      compileGradientStatistics<P, D, H>({
        ...measured,
        variance: parts ? "rows" : "none",
        parts,
        microBatch,
      }),
    );
  const measuredStepFor = (parts: readonly StatisticsPart[] | undefined) =>
    once(compiledSteps, keyOf(parts), () => compileMeasuredStep<P, D, H>(wanted(parts), begin));

  function train(run: BatchSizeRun<P, D, H>): Method<BatchSizeIterate<P>> {
    checkOptions("BatchSizeTrainer.train", run, [
      "batchSize",
      "parameters",
      "data",
      "settings",
      "seed",
      "samples",
      "resume",
      "signal",
    ]);
    const {
      batchSize,
      parameters = options.parameters,
      data = options.data,
      settings,
      seed = 0,
      samples = Number.POSITIVE_INFINITY,
      resume,
      signal,
    } = run;
    const policy = policyOf(batchSize);
    const oracle: SampleOracle<D> = isOracle(data) ? data : dataOracle(data);
    const { initial, maximum, testing } = policy;
    if (maximum > oracle.rows)
      throw new ArgumentError(
        `batchSize: the maximum must be at most the ${oracle.rows} rows of the data, got ${maximum}`,
      );
    checkLimit({ samples });

    /** The batch of the step being taken, for messages. */
    let held: Pick<Drawn<D, OracleState>, "batch" | "rows"> | undefined;

    /** The row of the batch whose loss or gradient is not finite, in words. */
    async function culprit(parameters: P, known: unknown): Promise<string | undefined> {
      if (!held) return undefined;
      const { batch, rows } = held;
      const rowWise = async () => (await statisticsFor([])).statistics(parameters, batch, settings);
      const error =
        known instanceof RowNotFiniteError ? known : await rowWise().catch((reason: unknown) => reason);
      if (!(error instanceof RowNotFiniteError)) return undefined;
      return rows
        ? `row ${rows[error.row]} of the data ${error.found}`
        : `row ${error.row} of the batch ${error.found}`;
    }

    /** Measures, enlarges the batch while its test fails, and steps then. */
    async function inParts(state: BatchSizeState<P>, due: BatchSizePolicy["testing"]) {
      const program = await statisticsFor(due?.test.needs);
      let { batch, state: drawn, rows } = oracle.draw(state.oracle, state.nextBatchSize);
      held = { batch, rows };
      let statistics = await program.statistics(state.parameters, batch, settings);
      let verdict = due?.test.judge(statistics);
      while (due?.retry && verdict && !verdict.passed && statistics.count < maximum) {
        const { count } = statistics;
        const proposed = policy.next({
          batchSize: count,
          steps: state.steps,
          samples: state.samples,
          verdict,
        });
        // A proposal that rounds to the same size would test the same batch again.
        const more = oracle.enlarge(drawn, count, Math.max(proposed, count + 1) - count);
        batch = joinRows(batch, more.batch);
        rows = rows && more.rows && Int32Array.from([...rows, ...more.rows]);
        held = { batch, rows };
        drawn = more.state;
        // Inner products are with the gradient of the whole batch.
        statistics = due.test.needs.includes("inner-products")
          ? await program.statistics(state.parameters, batch, settings)
          : mergeStatistics(statistics, await program.statistics(state.parameters, more.batch, settings));
        verdict = due.test.judge(statistics);
      }
      const after = await updater.update(state, statistics.gradient, statistics.count, settings);
      // The sum is quick, and finite only where all parameters are.
      return { statistics, verdict, drawn, after, finite: Number.isFinite(squaredNormOf(after.parameters)) };
    }

    /** Where nothing can come between the gradient and its step, one program does both. */
    async function atOnce(state: BatchSizeState<P>, due: BatchSizePolicy["testing"]) {
      const program = await measuredStepFor(due?.test.needs);
      const { batch, state: drawn, rows } = oracle.draw(state.oracle, state.nextBatchSize);
      held = { batch, rows };
      const step = await program.step(state, batch, settings);
      return { ...step, verdict: due?.test.judge(step.statistics), drawn };
    }

    /** The next state; calls `fail` for a parameter that became infinite or NaN. */
    async function next(state: BatchSizeState<P>, fail: (what: string) => never): Promise<BatchSizeState<P>> {
      const tested = testing && state.nextBatchSize < maximum && (state.steps + 1) % testing.interval === 0;
      const due = tested ? testing : undefined;
      const settled =
        !due?.retry &&
        !due?.test.needs.includes("inner-products") &&
        state.nextBatchSize <= (microBatch ?? Number.POSITIVE_INFINITY);
      const { statistics, verdict, drawn, after, finite } = await (settled ? atOnce : inParts)(state, due);
      const bad = finite ? undefined : firstNotFinite(after.parameters);
      if (bad) return fail(`parameters.${bad.path} became ${bad.value} in element ${bad.index}`);
      const { count, loss, gradientNormSquared } = statistics;
      const nextBatchSize = policy.next({
        batchSize: count,
        steps: after.steps,
        samples: after.samples,
        verdict,
      });
      return {
        ...after,
        batchSize: count,
        loss,
        gradientNorm: Math.sqrt(gradientNormSquared),
        verdict,
        nextBatchSize,
        oracle: drawn,
      };
    }

    return iterates<BatchSizeState<P>, Omit<BatchSizeIterate<P>, "state" | "iteration" | "done">>(
      {
        fields: ["parameters", "steps", "samples", "oracle"],
        async start() {
          const state = await begin.start({ parameters, settings });
          return {
            ...state,
            batchSize: initial,
            loss: undefined,
            gradientNorm: undefined,
            verdict: undefined,
            nextBatchSize: initial,
            oracle: oracle.start(seed),
          };
        },
        async step(state) {
          const fail = (what: string): never => {
            const epoch = Number.isFinite(oracle.rows) ? Math.floor(state.samples / oracle.rows) + 1 : 1;
            const { steps, loss } = state;
            throw new DivergenceError(
              `${what} at step ${steps + 1}; the last finite loss was ${loss ?? "none"}`,
              {
                epoch,
                step: steps + 1,
                lastFiniteLoss: loss,
              },
            );
          };
          return next(state, fail).catch(async (error: unknown) => {
            if (error instanceof ConvergenceError && !(error instanceof DivergenceError))
              return fail((await culprit(state.parameters, error)) ?? error.message);
            throw error;
          });
        },
        view: ({ steps, samples: used, batchSize, loss, gradientNorm, verdict, parameters, average }) => ({
          steps,
          samples: used,
          batchSize,
          loss,
          gradientNorm,
          verdict,
          ratio: verdict?.ratio,
          parameters,
          average,
          done: used >= samples,
        }),
      },
      { resume, signal },
    );
  }

  const dispose = () => {
    begin[Symbol.dispose]();
    updater[Symbol.dispose]();
    for (const program of [...compiled.values(), ...compiledSteps.values()])
      void program.then(
        (p: Disposable) => p[Symbol.dispose](),
        () => undefined,
      );
  };
  const model = async (batchSize: BatchSizePolicy | number) =>
    (await statisticsFor(policyOf(batchSize).testing?.test.needs)).model;
  return { train, model, dispose, [Symbol.dispose]: dispose };
}
