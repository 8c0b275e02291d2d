import { array, type CompileOptions, compile, f32, floatData, i64, releaseArrays } from "@gradus/graph";
import { areFinite } from "../../check/arrays.ts";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkOneOf, checkOptions } from "../../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../../iterate/iterate.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { type AsTensors, flattenArrays, type Values, type ValuesOf } from "../../tree/arrays.ts";
import { parameterType, treeSpecs } from "../../tree/signature.ts";
import { checkDiffusionModel, type DiffusionModel, levelNumbers, levelOf } from "./model.ts";
import type { PointData } from "./point-data.ts";
import { ownNumber } from "./point-scaling.ts";
import { type Prior, startingPoints } from "./prior.ts";
import { tracedClean, tracedPoints, tracedSteps } from "./sampler.ts";
import { type SamplingSchedule, samplingPlan } from "./sampling-plan.ts";
import { type SamplerName, STEP_COLUMNS, samplerNames, stepTable } from "./step-table.ts";

/** Plain data from which sampling continues. */
export interface SampleState {
  /** [samples, ...shape], in the space of the process: log |x| for multiplicative noise. */
  readonly y: Float32Array;
  /** The model's estimate of the clean points of |x|, [samples, ...shape]; in the space of the process if it has a scaling. */
  readonly denoised: Float32Array;
  /** How often an ambient step changed the sign of each coordinate, or made it 0; [samples, ...shape]. */
  readonly crossings: Float32Array;
  /** Steps taken. */
  readonly steps: number;
}

/** An iterate of sampling. */
export interface SampleIterate extends Iterate<SampleState> {
  /** Steps taken. */
  readonly steps: number;
  /** The time reached. */
  readonly time: number;
  /** The particles, one a row. */
  readonly points: DenseMatrix;
  /** The model's estimate of the clean points that they came from. */
  readonly denoised: DenseMatrix;
  /** Particles that a step made negative or 0, so far. */
  readonly nonPositive: number;
}

/** How many samples are made, where they start, and what ends them. */
export interface SampleRun extends SamplingSchedule {
  /** Number of samples, 1000 by default; that of `start` where it is given. */
  readonly count?: number;
  /** Where the particles start, in place of the prior. */
  readonly start?: PointData;
  /** The law of the start in the space of the process; `"perCoordinate"` by default. */
  readonly prior?: Prior;
  /** Ends with the estimate of the clean points (Tweedie's formula); true by default. */
  readonly denoise?: boolean;
  /**
   * What becomes of particles that an ambient step makes negative or 0: an error (default), or they go on by the same rule,
   * x <- x (1 + ...), with h of the density continued evenly, h(-x) = h(x), and are kept with their signs or dropped.
   */
  readonly onNonPositive?: "error" | "keep" | "drop";
  readonly seed?: number;
}

/** What `sample` reports on the way, and what stops it. */
export interface SampleWatch {
  /** Rejects with the signal's reason, between two tens of steps. */
  readonly signal?: AbortSignal;
  /** Called after every ten steps, and after the last, with the steps taken and all there are. */
  readonly onProgress?: (steps: number, of: number) => void;
}

export interface SamplePathRun extends SampleRun, MethodOptions<SampleState> {
  /** Steps from one iterate to the next; 10 by default. */
  readonly stepsPerIterate?: number;
}

/** Samples, and how they were made. */
export interface Samples {
  /** One a row. */
  readonly samples: DenseMatrix;
  /** Sizes of one sample. */
  readonly shape: readonly number[];
  /** Particles that a step made negative or 0. */
  readonly nonPositive: number;
  /** Evaluations of the network for each sample. */
  readonly evaluations: number;
}

/** A sampler compiled once, for many runs. Holds native memory: dispose of it, or declare it with `using`. */
export interface DiffusionSampler extends Disposable {
  /** All steps in one call of the engine; the same steps ten by ten where they are watched. */
  sample(run?: SampleRun & SampleWatch): Promise<Samples>;
  /** The same samples with iterates on the way, from which sampling resumes bit for bit. */
  path(run?: SamplePathRun): Method<SampleIterate>;
  dispose(): void;
}

export interface CompileSamplerOptions extends CompileOptions {
  /** `"euler-maruyama"` by default. */
  readonly sampler?: SamplerName;
  /** Rejects with the signal's reason, before anything is compiled. */
  readonly signal?: AbortSignal;
}

const scheduleOptions = [
  "steps",
  "times",
  "innerSteps",
  "stepScale",
  "noiseDecay",
  "denoisingSteps",
] as const;
export const runOptions = [
  ...scheduleOptions,
  "count",
  "start",
  "prior",
  "denoise",
  "onNonPositive",
  "seed",
] as const;
export const watchOptions = ["signal", "onProgress"] as const;
export const pathOptions = [...runOptions, "stepsPerIterate", "resume", "signal"] as const;

/** Steps in one call of the engine, where it is to come back on the way. */
const STEPS_OF_A_TURN = 10;

/**
 * @throws ArgumentError unless the parameters are in float32, if there are any, and the sampler is one that the process has
 */
export function checkSampler<P extends ValuesOf<P>>(model: DiffusionModel<P>, sampler: SamplerName): void {
  checkDiffusionModel(model);
  checkOneOf(samplerNames, { sampler });
  if (sampler === "ambient" && model.process.space !== "log")
    throw new ArgumentError(
      `sampler "ambient" needs a process whose noise is multiplicative, got the ${model.process.name} process`,
    );
  if (flattenArrays(model.parameters).leaves.length > 0 && parameterType(model.parameters) !== "f32")
    throw new ArgumentError("parameters of a diffusion model must be in f32, got f64");
}

/**
 * Compiles the sampler of a model: one call of the engine runs all steps in a loop inside the graph, noise included.
 *
 * @throws ArgumentError naming an option that is not usable
 * @throws the signal's reason on abort
 */
export async function compileSampler<P extends ValuesOf<P>>(
  model: DiffusionModel<P>,
  options: CompileSamplerOptions = {},
): Promise<DiffusionSampler> {
  checkOptions("compileSampler", options, ["sampler", "signal", "threads", "runtime"]);
  const { sampler = "euler-maruyama", signal, ...compiled } = options;
  signal?.throwIfAborted();
  checkSampler(model, sampler);
  const { process, shape, scaling } = model;
  const size = shape.reduce((product, one) => product * one, 1);
  const program = await compile(
    ({ parameters, y, draw, crossings, table, last }) => {
      const given = parameters as AsTensors<P>;
      const end = tracedSteps(model, sampler, given, { y, draw, crossings }, table);
      const clean = tracedClean(model, given, end.y, levelOf(last));
      return {
        y: end.y,
        crossings: end.crossings,
        // own units may need more digits than float32 has
        denoised: scaling ? clean : tracedPoints(model, clean),
      };
    },
    {
      parameters: treeSpecs(model.parameters as Values),
      y: f32("samples", ...shape),
      draw: i64(),
      crossings: f32("samples", ...shape),
      table: f32("steps", STEP_COLUMNS.all),
      last: f32(STEP_COLUMNS.numbers),
    },
    compiled,
  );
  let disposed = false;
  const dispose = () => {
    disposed = true;
    void program.dispose();
  };

  function begin(of: string, run: SamplePathRun, known: readonly string[]) {
    if (disposed) throw new ArgumentError("the sampler has been disposed of");
    checkOptions(of, run, known);
    const { denoise = true, onNonPositive = "error", seed = 0 } = run;
    checkBoolean({ denoise });
    checkOneOf(["error", "keep", "drop"], { onNonPositive });
    const places = samplingPlan(process, sampler, run);
    const stream = randomStream(seed).split("samples");
    const firstDraw = stream.split("noise").integer(2 ** 49);
    const start = (): SampleState => {
      const { count, y } = startingPoints(model, run, stream.split("start"));
      return { y, denoised: y, crossings: new Float32Array(count * size), steps: 0 };
    };
    async function advance({ y, crossings, steps }: SampleState, to: number): Promise<SampleState> {
      const taken = places.slice(steps, to);
      const time = taken[taken.length - 1].to;
      const count = crossings.length / size;
      const next = await program.run({
        parameters: model.parameters,
        y: array(y, [count, ...shape]),
        draw: firstDraw + steps,
        crossings: array(crossings, [count, ...shape]),
        table: array(stepTable(process, sampler, taken), [taken.length, STEP_COLUMNS.all]),
        last: Float32Array.from(levelNumbers(process, time)),
      } as Parameters<typeof program.run>[0]);
      const state = {
        y: Float32Array.from(floatData(next.y)),
        denoised: Float32Array.from(floatData(next.denoised)),
        crossings: Float32Array.from(floatData(next.crossings)),
        steps: to,
      };
      releaseArrays(next);
      const denoised = scaling ? denoisedOf(state).values : state.denoised;
      if (!areFinite(state.y) || !areFinite(denoised))
        throw new ConvergenceError(
          `particles overflowed between steps ${steps + 1} and ${to}, at time ${time}: take smaller steps or less noise`,
        );
      const gone = rowsThatCrossed(state.crossings, size).length;
      if (gone > 0 && onNonPositive === "error")
        throw new ConvergenceError(
          `${gone} of ${count} particles became negative or 0 between steps ${steps + 1} and ${to}, at time ${time}: ` +
            'use the euler-maruyama sampler, take smaller steps, or set onNonPositive to "keep" or "drop"',
        );
      return state;
    }
    return { denoise, onNonPositive, places, start, advance };
  }

  const matrixOf = (
    values: Float32Array,
    { crossings }: Pick<SampleState, "crossings">,
    of: (value: number, k: number) => number = (value) => value,
  ): DenseMatrix => ({
    rows: values.length / size,
    columns: size,
    values: Float64Array.from(values, (value, k) => (crossings[k] % 2 === 0 ? of(value, k) : -of(value, k))),
  });
  const inOwnUnits = (y: number, k: number) => {
    const own = scaling ? ownNumber(y, k, scaling) : y;
    return process.space === "log" ? Math.exp(own) : own;
  };
  const pointsOf = (state: Pick<SampleState, "y" | "crossings">): DenseMatrix =>
    matrixOf(state.y, state, inOwnUnits);
  const denoisedOf = (state: Pick<SampleState, "denoised" | "crossings">): DenseMatrix =>
    matrixOf(state.denoised, state, scaling && inOwnUnits);

  return {
    async sample(run = {}) {
      const known = [...runOptions, ...watchOptions];
      const { start, advance, places, denoise, onNonPositive } = begin("sample", run, known);
      const { signal, onProgress } = run;
      const turn = signal || onProgress ? STEPS_OF_A_TURN : places.length;
      let state = start();
      while (state.steps < places.length) {
        signal?.throwIfAborted();
        state = await advance(state, Math.min(places.length, state.steps + turn));
        onProgress?.(state.steps, places.length);
      }
      const all = denoise ? denoisedOf(state) : pointsOf(state);
      const crossed = rowsThatCrossed(state.crossings, size);
      return {
        samples: onNonPositive === "drop" && crossed.length > 0 ? withoutRows(all, crossed) : all,
        shape,
        nonPositive: crossed.length,
        evaluations: places.length * (sampler === "probability-flow" ? 2 : 1) + (denoise ? 1 : 0),
      };
    },
    path(run = {}) {
      const { start, advance, places } = begin("path", run, pathOptions);
      const { stepsPerIterate = STEPS_OF_A_TURN, resume, signal } = run;
      checkPositiveInteger({ stepsPerIterate });
      return iterates<SampleState, Omit<SampleIterate, "iteration" | "state">>(
        {
          fields: ["y", "denoised", "crossings", "steps"],
          start,
          step: (state) => advance(state, Math.min(places.length, state.steps + stepsPerIterate)),
          view(state) {
            const { crossings, steps } = state;
            return {
              steps,
              time: steps === 0 ? places[0].from : places[steps - 1].to,
              points: pointsOf(state),
              denoised: steps === 0 ? pointsOf(state) : denoisedOf(state),
              nonPositive: rowsThatCrossed(crossings, size).length,
              done: steps === places.length,
            };
          },
        },
        { resume, signal },
      );
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}

/** The rows with a coordinate that was not positive at some step. */
function rowsThatCrossed(crossings: Float32Array, size: number): number[] {
  const rows: number[] = [];
  for (let k = 0; k < crossings.length; k += size)
    if (crossings.subarray(k, k + size).some((times) => times > 0)) rows.push(k / size);
  return rows;
}

function withoutRows({ rows, columns, values }: DenseMatrix, without: readonly number[]): DenseMatrix {
  const gone = new Set(without);
  const kept = Array.from({ length: rows }, (_, i) => i).filter((i) => !gone.has(i));
  const out = new Float64Array(kept.length * columns);
  kept.forEach((row, i) => {
    out.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { rows: kept.length, columns, values: out };
}
