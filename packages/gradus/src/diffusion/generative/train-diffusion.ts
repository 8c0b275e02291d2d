import {
  type ArrayValue,
  add,
  array,
  type CompileOptions,
  cast,
  constant,
  floor,
  gather,
  mean,
  mul,
  slice,
  square,
  sub,
  type Tensor,
} from "@gradus/graph";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkGivenOptions } from "../../check/options.ts";
import type { Method, MethodOptions } from "../../iterate/iterate.ts";
import { noiseCounter, normalNoise, uniformNoise } from "../../nn/noise.ts";
import { randomStream } from "../../random/stream.ts";
import { adam } from "../../train/adam.ts";
import { exponentialAveraging, type ParameterAveraging } from "../../train/average-parameters.ts";
import { randomBatches } from "../../train/batches.ts";
import type { TrainIterate, TrainState } from "../../train/contract.ts";
import { cosineDecay } from "../../train/schedules/cosine-decay.ts";
import { train } from "../../train/train.ts";
import type { GradientTransformation } from "../../train/transformation.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { checkProcess, type ForwardProcess } from "../processes/contract.ts";
import type { TimeGrid } from "../sampling/time-grid.ts";
import {
  besidePoints,
  type DiffusionModel,
  diffusionModel,
  levelOf,
  type NoiseNetwork,
  networkNoise,
} from "./model.ts";
import { LEVEL_WIDTH, type ScoreWeight, trainingLevels } from "./noise-levels.ts";
import { checkFirstNoise } from "./noise-range.ts";
import { cleanPoints, coordinateMoments, type PointData } from "./point-data.ts";
import { standardScaling } from "./standard-scaling.ts";

/** Counts the draws of noise, so that a resumed run continues them. */
export type DrawState = { readonly draw: ArrayValue };

/** An iterate of training, and the model at it, with the average of the parameters. */
export interface TrainDiffusionIterate<P extends ValuesOf<P>>
  extends Omit<TrainIterate<P, DrawState>, "metrics" | "epoch" | "batchSize"> {
  readonly model: DiffusionModel<P>;
}

export interface TrainDiffusionOptions<P extends ValuesOf<P>>
  extends CompileOptions,
    MethodOptions<TrainState<P, DrawState>> {
  /** Points, or positive points for a process whose noise is multiplicative. */
  readonly data: PointData;
  /**
   * Whether the process moves standardized points (their logarithms, for multiplicative noise): mean 0 and deviation 1 of each
   * column, one deviation for all numbers of points with several axes. Samples have the data's own units again. False by
   * default: the noise is then in the units of the data.
   */
  readonly standardize?: boolean;
  readonly process: ForwardProcess;
  readonly network: NoiseNetwork<P>;
  /** Where training starts; drawn from the seed when left out. */
  readonly parameters?: P;
  /** Training steps. */
  readonly steps: number;
  readonly batchSize?: number;
  /** Adam with a cosine schedule from 1e-3 to 0 over the steps by default. */
  readonly optimizer?: GradientTransformation;
  /** The running average of the parameters that samples are drawn with; with decay 0.995 by default. */
  readonly averaging?: ParameterAveraging;
  readonly weight?: ScoreWeight;
  /** How the times of training are spread over the window; `"geometric"` by default. */
  readonly times?: TimeGrid;
  /** Number of distinct times; 1000 by default. */
  readonly levels?: number;
  /** Steps from one iterate to the next; 100 by default. */
  readonly stepsPerIterate?: number;
  readonly seed?: number;
}

/** Places of noise in the loss. */
const NOISE = { level: 1, point: 2 } as const;

/**
 * Trains a network to predict the noise of a forward process, that is, by denoising score matching
 *
 *     E_t E w(t) |h(X_t, t) - h(X_t | X_0)|^2,     h = x grad log p for multiplicative noise (the Hyvarinen score),
 *
 * with an iterate every `stepsPerIterate` steps, whose `model` makes samples by `sample`. The whole of them is one call of
 * the engine: times and noise are drawn inside the graph from the seed, and a run resumes bit for bit.
 * Source: Vincent 2011, "A connection between score matching and denoising autoencoders"; multiplicative: Shetty, Prasath &
 * Seelamantula 2025.
 *
 * @throws ArgumentError naming an option that is not usable
 * @throws DataError when data are not finite, not positive for multiplicative noise, fewer than two points, or vary less
 *   than the noise at the start of the process's window
 * @throws DivergenceError when the loss is not finite
 */
export async function* trainDiffusion<P extends ValuesOf<P>>(
  options: TrainDiffusionOptions<P>,
): Method<TrainDiffusionIterate<P>> {
  checkGivenOptions("trainDiffusion", options, [
    "data",
    "standardize",
    "process",
    "network",
    "parameters",
    "steps",
    "batchSize",
    "optimizer",
    "averaging",
    "weight",
    "times",
    "levels",
    "stepsPerIterate",
    "seed",
    "resume",
    "signal",
    "threads",
    "runtime",
  ]);
  const { data, process, network, steps, weight = "epsilon", times = "geometric", levels = 1000 } = options;
  const { stepsPerIterate = 100, seed = 0, resume, signal, threads, runtime } = options;
  const { standardize = false } = options;
  checkProcess(process);
  checkBoolean({ standardize });
  if (typeof network?.parameters !== "function" || typeof network.apply !== "function")
    throw new ArgumentError(
      `network must have functions parameters and apply, as timeMlp({ inputs }) does, got ${shown(network)}`,
    );
  const scaling = standardize ? standardScaling(process, data) : undefined;
  const clean = cleanPoints(process, data, scaling);
  const { count, shape, values } = clean;
  const { batchSize = Math.min(512, count) } = options;
  checkPositiveInteger({ steps, batchSize, levels, stepsPerIterate });
  const stream = randomStream(seed).split("diffusion");
  const { parameters = network.parameters({ stream: stream.split("parameters") }) } = options;
  const moments = coordinateMoments(clean);
  checkFirstNoise(process, moments);
  const noise = networkNoise(network, shape, moments);
  const table = trainingLevels(process, { count: levels, times, weight });

  const loss = (
    p: AsTensors<P>,
    { y }: { readonly y: Tensor },
    { modelState: { draw } }: { readonly modelState: { readonly draw: Tensor } },
  ) => {
    const [rows] = y.shape;
    const place = mul(uniformNoise([rows], { seed: NOISE.level, counter: draw }), levels);
    const chosen = gather(constant(table, [levels, LEVEL_WIDTH]), cast(floor(place), "i64"));
    const level = levelOf(chosen);
    const z = normalNoise([rows, ...shape], { seed: NOISE.point, counter: draw });
    const beside = (tensor: Tensor) => besidePoints(tensor, shape);
    const noisy = add(add(mul(y, beside(level.scale)), beside(level.shift)), mul(z, beside(level.deviation)));
    const error = square(sub(noise(p, noisy, level), z));
    const factor = slice(chosen, { axis: 1, start: LEVEL_WIDTH - 1, end: LEVEL_WIDTH });
    const loss =
      weight === "epsilon"
        ? mean(error)
        : mean(
            mul(
              mean(error, { axes: shape.map((_, k) => k + 1), keepDims: true }),
              besidePoints(factor, shape),
            ),
          );
    return { loss, modelState: { draw: add(draw, 1) } };
  };

  const method = train<P, { readonly y: ArrayValue }, DrawState>({
    loss,
    parameters,
    modelState: { draw: noiseCounter(stream.split("noise")) },
    data: { y: array(values, [count, ...shape]) },
    batchSize,
    optimizer: options.optimizer ?? adam({ learningRate: cosineDecay({ initial: 1e-3, counts: steps }) }),
    averaging: options.averaging ?? exponentialAveraging({ decay: 0.995 }),
    epochs: Math.ceil(steps / stepsPerIterate),
    seed,
    batches: randomBatches(count, { steps: stepsPerIterate, total: steps }),
    resume,
    signal,
    threads,
    runtime,
  });
  for await (const { metrics: _, epoch: __, batchSize: ___, ...iterate } of method)
    yield {
      ...iterate,
      model: diffusionModel({
        process,
        shape,
        moments,
        scaling,
        network,
        parameters: iterate.average ?? iterate.parameters,
      }),
    };
}
