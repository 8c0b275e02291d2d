import {
  type ArrayValue,
  abs,
  add,
  cast,
  constant,
  div,
  exp,
  exportOnnx,
  f32,
  floor,
  gather,
  i64,
  lessEqual,
  log,
  maximum,
  minimum,
  mul,
  reshape,
  slice,
  sub,
  type Tensor,
  type Tree,
  where,
  zerosLike,
} from "@gradus/graph";
import { checkBoolean, checkOptions } from "../../check/options.ts";
import type { AsTensors, Values, ValuesOf } from "../../tree/arrays.ts";
import type { ForwardProcess } from "../processes/contract.ts";
import { checkSampler } from "./compile-sampler.ts";
import { type DiffusionModel, levelNumbers, levelOf, type NoiseLevel } from "./model.ts";
import { tracedScaled } from "./point-scaling.ts";
import { type Prior, priorMoments } from "./prior.ts";
import { tracedClean, tracedPoints, tracedSigns, tracedSteps } from "./sampler.ts";
import { type SamplingSchedule, samplingPlan } from "./sampling-plan.ts";
import { type SamplerName, STEP_COLUMNS, stepTable } from "./step-table.ts";

export interface ExportSamplerOptions extends SamplingSchedule {
  readonly sampler?: SamplerName;
  readonly prior?: Prior;
  /** Ends with the estimate of the clean points; true by default. */
  readonly denoise?: boolean;
  /** What it makes, for people. */
  readonly description?: string;
}

/** The parameters as `exportOnnx` takes them. */
const constantsOf = <P extends ValuesOf<P>>(model: DiffusionModel<P>): { parameters: Tree<ArrayValue> } => ({
  parameters: model.parameters as Values,
});

/**
 * The whole sampler of a model as one ONNX file, the loop over its steps and their noise inside. Inputs: `noise`
 * [samples, ...shape], standard normal numbers from which particles start, and `draw`, any integer from 0 to 2^49, which
 * determines the noise of the steps. Output: `samples` [samples, ...shape]. An ambient sampler goes on with particles that
 * leave the positive numbers, as with `onNonPositive: "keep"`.
 *
 * @throws ArgumentError naming an option that is not usable
 */
export function exportSampler<P extends ValuesOf<P>>(
  model: DiffusionModel<P>,
  options: ExportSamplerOptions = {},
): Uint8Array<ArrayBuffer> {
  checkOptions("exportSampler", options, [
    "steps",
    "times",
    "innerSteps",
    "stepScale",
    "noiseDecay",
    "denoisingSteps",
    "sampler",
    "prior",
    "denoise",
    "description",
  ]);
  const { sampler = "euler-maruyama", prior = "perCoordinate", denoise = true, description } = options;
  checkSampler(model, sampler);
  checkBoolean({ denoise });
  const { process, shape } = model;
  const places = samplingPlan(process, sampler, options);
  const start = priorMoments(model, prior);
  const row = (values: Float64Array) => constant(Float32Array.from(values), [1, ...shape]);
  return exportOnnx(
    ({ parameters, noise, draw }) => {
      const given = parameters as unknown as AsTensors<P>;
      const from = add(mul(noise, row(start.deviation)), row(start.mean));
      const table = constant(stepTable(process, sampler, places), [places.length, STEP_COLUMNS.all]);
      const end = tracedSteps(model, sampler, given, { y: from, draw, crossings: zerosLike(noise) }, table);
      const signed = (x: Tensor) => (sampler === "ambient" ? mul(x, tracedSigns(end.crossings)) : x);
      const last = constant(Float32Array.from(levelNumbers(process, places[places.length - 1].to)));
      const y = denoise ? tracedClean(model, given, end.y, levelOf(last)) : end.y;
      return { samples: signed(tracedPoints(model, y)) };
    },
    { noise: f32("samples", ...shape), draw: i64() },
    { constants: constantsOf(model), description },
  );
}

/** Relative rounding of a time in float32, and a little more. */
const ROUNDED_TIME = 1e-6;

/** Times between which levels are interpolated. */
const NODES = 1024;

/** The level at times [batch], from a table: log variance over log t, the other numbers over t. */
function interpolatedLevel(process: ForwardProcess, t: Tensor): NoiseLevel {
  const { startTime, endTime } = process;
  const ratio = Math.log(endTime / startTime) / (NODES - 1);
  const numbers = Array.from({ length: NODES }, (_, k) => {
    const time = startTime * Math.exp(ratio * k);
    return [time, Math.log(process.scale(time)), process.shift(time), Math.log(process.variance(time))];
  });
  const table = constant(Float32Array.from(numbers.flat()), [NODES, 4]);
  const place = mul(sub(log(t), Math.log(startTime)), 1 / ratio);
  const below = minimum(maximum(floor(place), 0), NODES - 2);
  const index = cast(below, "i64");
  const column = (rows: Tensor, k: number) =>
    reshape(slice(rows, { axis: 1, start: k, end: k + 1 }), [rows.shape[0]]);
  const [first, second] = [gather(table, index), gather(table, add(index, 1))];
  const [from, to] = [column(first, 0), column(second, 0)];
  const share = div(sub(t, from), sub(to, from));
  const between = (k: number, part: Tensor) =>
    add(column(first, k), mul(part, sub(column(second, k), column(first, k))));
  const logScale = between(1, share);
  const logDeviation = mul(between(3, sub(place, below)), 0.5);
  return {
    time: t,
    scale: exp(logScale),
    shift: between(2, share),
    deviation: exp(logDeviation),
    logRatio: sub(logDeviation, logScale),
  };
}

/**
 * The denoiser of a model as an ONNX file: `denoised` [batch, ...shape], Tweedie's estimate of the clean points, from noisy
 * points `x` [batch, ...shape] at times `t` [batch] in the process's window; NaN at times outside it. Points of a model with a
 * scaling, noisy and denoised, have their own units: a noisy one is center + scale Y_t, or its exponential.
 *
 * @throws ArgumentError for an unknown option, or parameters that are not in float32
 */
export function exportDenoiser<P extends ValuesOf<P>>(
  model: DiffusionModel<P>,
  options: { readonly description?: string } = {},
): Uint8Array<ArrayBuffer> {
  checkOptions("exportDenoiser", options, ["description"]);
  const { description } = options;
  checkSampler(model, "euler-maruyama");
  const { process, shape, scaling } = model;
  return exportOnnx(
    ({ parameters, x, t }) => {
      const given = parameters as unknown as AsTensors<P>;
      const own = process.space === "log" ? log(x) : x;
      const y = scaling ? tracedScaled(own, shape, scaling) : own;
      const { startTime, endTime } = process;
      const nearest = minimum(maximum(t, startTime), endTime);
      // the window's ends may be rounded to float32 on their way
      const inside = lessEqual(abs(sub(t, nearest)), mul(nearest, ROUNDED_TIME));
      const time = where(inside, nearest, startTime);
      const denoised = tracedPoints(model, tracedClean(model, given, y, interpolatedLevel(process, time)));
      const beside = reshape(inside, [t.shape[0], ...shape.map(() => 1)]);
      return { denoised: where(beside, denoised, Number.NaN) };
    },
    { x: f32("batch", ...shape), t: f32("batch") },
    { constants: constantsOf(model), description },
  );
}
