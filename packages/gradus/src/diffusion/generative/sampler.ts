import {
  abs,
  add,
  cast,
  div,
  exp,
  floor,
  lessEqual,
  log,
  maximum,
  mul,
  scan,
  slice,
  sub,
  type Tensor,
} from "@gradus/graph";
import { normalNoise } from "../../nn/noise.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { besidePoints, type DiffusionModel, levelOf, type NoiseLevel } from "./model.ts";
import { tracedOwn } from "./point-scaling.ts";
import { type SamplerName, STEP_COLUMNS } from "./step-table.ts";

/** Place of the noise in a sampler. */
const NOISE_SEED = 3;
/** In place of a factor of exactly 0 in an ambient step: below the distance of float32 numbers near 1. */
const LEAST_FACTOR = 1e-8;

/** What a sampler carries from step to step. */
export interface Particles {
  /** [samples, ...shape], in the space of the process: log |x| for multiplicative noise. */
  readonly y: Tensor;
  /** The number of the next draw of noise. */
  readonly draw: Tensor;
  /** [samples, ...shape]: how often an ambient step changed the sign of each coordinate, or made it 0. */
  readonly crossings: Tensor;
}

/** 1 after an even number of crossings, -1 after an odd one. */
export function tracedSigns(crossings: Tensor): Tensor {
  return sub(1, mul(sub(crossings, mul(floor(mul(crossings, 0.5)), 2)), 2));
}

/** The steps of a sampler inside a graph: rows of `stepTable`, in order. */
export function tracedSteps<P extends ValuesOf<P>>(
  model: DiffusionModel<P>,
  sampler: SamplerName,
  parameters: AsTensors<P>,
  start: Particles,
  table: Tensor,
): Particles {
  const { shape } = model;
  const stochastic = sampler !== "probability-flow";
  const step = ({ y, draw, crossings }: Particles, row: Tensor) => {
    const number = (k: number) =>
      besidePoints(slice(row, { start: STEP_COLUMNS.numbers + k, end: STEP_COLUMNS.numbers + k + 1 }), shape);
    const [rate, shift, ofNoise, deviation, correction] = [0, 1, 2, 3, 4].map(number);
    const change = (eps: Tensor) => add(add(mul(y, rate), shift), mul(eps, ofNoise));
    let moved = change(model.noise(parameters, y, levelOf(row, STEP_COLUMNS.before)));
    if (!stochastic) {
      // the mean of the changes at both ends is the change by the mean of the noise
      const after = model.noise(parameters, add(y, moved), levelOf(row, STEP_COLUMNS.after));
      moved = mul(add(moved, change(after)), 0.5);
      return { carried: { y: add(y, moved), draw, crossings } };
    }
    moved = add(moved, mul(normalNoise(y.shape, { seed: NOISE_SEED, counter: draw }), deviation));
    const next = add(draw, 1);
    if (sampler !== "ambient") return { carried: { y: add(y, moved), draw: next, crossings } };
    // x <- x factor, whatever its sign: h is that of the density continued evenly, h(-x) = h(x)
    const factor = add(add(moved, correction), 1);
    return {
      carried: {
        y: add(y, log(maximum(abs(factor), LEAST_FACTOR))),
        draw: next,
        crossings: add(crossings, cast(lessEqual(factor, 0), "f32")),
      },
    };
  };
  return scan(table, start, (carried, row) => step(carried, row)).carried;
}

/** Tweedie's estimate of the clean points in the space of the process: (y - shift - deviation eps) / scale. */
export function tracedClean<P extends ValuesOf<P>>(
  model: DiffusionModel<P>,
  parameters: AsTensors<P>,
  y: Tensor,
  level: NoiseLevel,
): Tensor {
  const beside = (tensor: Tensor) => besidePoints(tensor, model.shape);
  const noise = mul(model.noise(parameters, y, level), beside(level.deviation));
  return div(sub(sub(y, beside(level.shift)), noise), beside(level.scale));
}

/** Points in their own units, from those in the space of the process. */
export function tracedPoints<P extends ValuesOf<P>>(
  { process, shape, scaling }: DiffusionModel<P>,
  y: Tensor,
): Tensor {
  const own = scaling ? tracedOwn(y, shape, scaling) : y;
  return process.space === "log" ? exp(own) : own;
}
