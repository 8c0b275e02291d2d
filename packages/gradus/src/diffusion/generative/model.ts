import { add, constant, div, mul, neg, reshape, slice, sqrt, square, sub, type Tensor } from "@gradus/graph";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkFunction, checkGivenOptions } from "../../check/options.ts";
import type { Model } from "../../nn/model.ts";
import type { AsTensors, Values, ValuesOf } from "../../tree/arrays.ts";
import { checkProcess, type ForwardProcess } from "../processes/contract.ts";
import type { CoordinateMoments } from "./point-data.ts";
import { checkScaling, type PointScaling } from "./point-scaling.ts";

/** A time and the law of Y_t given Y_0 at it, [batch] or [1] each: N(scale Y_0 + shift, deviation^2). */
export interface NoiseLevel {
  readonly time: Tensor;
  readonly scale: Tensor;
  readonly shift: Tensor;
  readonly deviation: Tensor;
  /** log(deviation / scale), the noise in units of the signal. */
  readonly logRatio: Tensor;
}

const LEVEL_COLUMNS = 5;

/** The numbers of a level at a time, in the order of `levelOf`. */
export function levelNumbers(process: ForwardProcess, time: number): number[] {
  const [scale, deviation] = [process.scale(time), Math.sqrt(process.variance(time))];
  return [time, scale, process.shift(time), deviation, Math.log(deviation / scale)];
}

/** The level in columns of a table of such numbers: [batch] from rows [batch, columns], [1] from one row [columns]. */
export function levelOf(rows: Tensor, from = 0): NoiseLevel {
  const axis = rows.shape.length - 1;
  const [time, scale, shift, deviation, logRatio] = Array.from({ length: LEVEL_COLUMNS }, (_, k) => {
    const column = slice(rows, { axis, start: from + k, end: from + k + 1 });
    return axis === 0 ? column : reshape(column, [rows.shape[0]]);
  });
  return { time, scale, shift, deviation, logRatio };
}

/** A number for each point, beside tensors of points. */
export function besidePoints(level: Tensor, shape: readonly number[]): Tensor {
  return reshape(level, [level.shape[0], ...shape.map(() => 1)]);
}

/** A model of a law: the noise in a point at a time, from which scores, denoised points and samples follow. */
export interface DiffusionModel<P extends ValuesOf<P> = Values> {
  readonly process: ForwardProcess;
  /** Sizes of one point. */
  readonly shape: readonly number[];
  /** Of the clean points, in the space of the process and the units that it moves. */
  readonly moments: CoordinateMoments;
  /** The units that the process moves; those of the points, or of their logarithms, when left out. */
  readonly scaling?: PointScaling;
  /** In float32. */
  readonly parameters: P;
  /**
   * The estimate of Z in Y_t = scale Y_0 + shift + deviation Z, inside the graph.
   *
   * @param y [batch, ...shape]
   */
  noise(parameters: AsTensors<P>, y: Tensor, level: NoiseLevel): Tensor;
}

/** A network of points [batch, ...shape] and times [batch] or [1], such as `timeMlp`, `residualMlp` or `uNet`. */
export type NoiseNetwork<P extends ValuesOf<P>> = Model<P, readonly [x: Tensor, t: Tensor]>;

/**
 * The noise that a network sees in y: it gets the points scaled to mean 0 and variance 1 at every level, coordinate by
 * coordinate, and log(deviation / scale) as the time.
 * Source: Karras et al. 2022, "Elucidating the design space of diffusion-based generative models", section 5.
 */
export function networkNoise<P extends ValuesOf<P>>(
  network: Pick<NoiseNetwork<P>, "apply">,
  shape: readonly number[],
  { mean, variance }: CoordinateMoments,
): DiffusionModel<P>["noise"] {
  return (parameters, y, level) => {
    const beside = (tensor: Tensor) => besidePoints(tensor, shape);
    const of = (values: Float32Array) => constant(values, [1, ...shape]);
    const center = add(mul(of(mean), beside(level.scale)), beside(level.shift));
    const spread = add(mul(of(variance), square(beside(level.scale))), square(beside(level.deviation)));
    return network.apply(parameters, div(sub(y, center), sqrt(spread)), level.logRatio);
  };
}

export interface DiffusionModelOptions<P extends ValuesOf<P>>
  extends Pick<DiffusionModel<P>, "process" | "shape" | "moments" | "scaling" | "parameters"> {
  readonly network: Pick<NoiseNetwork<P>, "apply">;
}

/**
 * The model of a network and parameters that were trained before, such as those of an iterate of `trainDiffusion` that were
 * kept.
 *
 * @throws ArgumentError when the process is none, moments or the scaling do not fit the shape, or for an unknown option
 */
export function diffusionModel<P extends ValuesOf<P>>(options: DiffusionModelOptions<P>): DiffusionModel<P> {
  checkGivenOptions("diffusionModel", options, [
    "process",
    "shape",
    "moments",
    "scaling",
    "parameters",
    "network",
  ]);
  const { process, shape, moments, scaling, parameters, network } = options;
  checkProcess(process);
  checkMoments(shape, moments);
  if (scaling !== undefined) checkScaling(shape, scaling);
  const noise = networkNoise(network, shape, moments);
  return { process, shape, moments, ...(scaling && { scaling }), parameters, noise };
}

/**
 * Checks the contract of a model.
 *
 * @throws ArgumentError when it is no model, or its process is none
 */
export function checkDiffusionModel<P extends ValuesOf<P>>(model: DiffusionModel<P>): void {
  if (typeof model !== "object" || model === null || typeof model.noise !== "function")
    throw new ArgumentError(
      `model must be a diffusion model, such as an iterate of trainDiffusion has, got ${shown(model)}`,
    );
  checkProcess(model.process);
  checkMoments(model.shape, model.moments);
}

function checkMoments(shape: readonly number[], moments: CoordinateMoments): void {
  const size = shape.reduce((product, one) => product * one, 1);
  for (const [name, { length }] of Object.entries(moments))
    if (length !== size)
      throw new ArgumentError(`moments.${name} must have ${size} numbers, one a coordinate, got ${length}`);
}

export interface ExactModelOptions {
  readonly process: ForwardProcess;
  /** Sizes of one point. */
  readonly shape: readonly number[];
  /** Mean and variance of each coordinate of the clean points in the space of the process, where samples start. */
  readonly moments: CoordinateMoments;
  /**
   * The score of Y_t, the gradient of log p_t in the space of the process, inside the graph. In the space of logarithms it
   * is h + 1 with the Hyvarinen score h = x d log p / dx.
   *
   * @param y [batch, ...shape]
   * @param level of [1] each
   */
  readonly score: (y: Tensor, level: NoiseLevel) => Tensor;
}

/**
 * A model whose score is a formula, for laws that are known.
 *
 * @throws ArgumentError when score is not a function, the process is none, moments do not fit the shape, or for an unknown
 *   option
 */
export function exactModel(options: ExactModelOptions): DiffusionModel<Record<string, never>> {
  checkGivenOptions("exactModel", options, ["process", "shape", "moments", "score"]);
  const { process, shape, moments, score } = options;
  checkFunction({ score });
  checkProcess(process);
  checkMoments(shape, moments);
  return {
    process,
    shape,
    moments,
    parameters: {},
    noise: (_, y, level) => neg(mul(besidePoints(level.deviation, shape), score(y, level))),
  };
}
