import {
  add,
  cast,
  div,
  exp,
  lessEqual,
  log,
  max,
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
import { type SamplerName, STEP_COLUMNS } from "./step-table.ts";

/** Place of the noise in a sampler. */
const NOISE_SEED = 3;
/** The least factor of a particle in an ambient step: what would make it negative puts it here. */
const LEAST_FACTOR = 1e-6;

/** What a sampler carries from step to step. */
export interface Particles {
  /** [samples, ...shape], in the space of the process. */
  readonly y: Tensor;
  /** The number of the next draw of noise. */
  readonly draw: Tensor;
  /** [samples]: 1 for particles that an ambient step made negative or 0. */
  readonly left: Tensor;
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
  const step = ({ y, draw, left }: Particles, row: Tensor) => {
    const number = (k: number) =>
      besidePoints(slice(row, { start: STEP_COLUMNS.numbers + k, end: STEP_COLUMNS.numbers + k + 1 }), shape);
    const [rate, shift, ofNoise, deviation, correction] = [0, 1, 2, 3, 4].map(number);
    const change = (eps: Tensor) => add(add(mul(y, rate), shift), mul(eps, ofNoise));
    let moved = change(model.noise(parameters, y, levelOf(row, STEP_COLUMNS.before)));
    if (!stochastic) {
      // the mean of the changes at both ends is the change by the mean of the noise
      const after = model.noise(parameters, add(y, moved), levelOf(row, STEP_COLUMNS.after));
      moved = mul(add(moved, change(after)), 0.5);
      return { carried: { y: add(y, moved), draw, left } };
    }
    moved = add(moved, mul(normalNoise(y.shape, { seed: NOISE_SEED, counter: draw }), deviation));
    const next = add(draw, 1);
    if (sampler !== "ambient") return { carried: { y: add(y, moved), draw: next, left } };
    const factor = add(add(moved, correction), 1);
    const gone = max(cast(lessEqual(factor, 0), "f32"), { axes: shape.map((_, k) => k + 1) });
    return {
      carried: {
        y: add(y, log(maximum(factor, LEAST_FACTOR))),
        draw: next,
        left: maximum(left, gone),
      },
    };
  };
  return scan(table, start, (carried, row) => step(carried, row)).carried;
}

/** Tweedie's estimate of the clean points, in their own space: (y - shift - deviation eps) / scale. */
export function tracedDenoised<P extends ValuesOf<P>>(
  model: DiffusionModel<P>,
  parameters: AsTensors<P>,
  y: Tensor,
  level: NoiseLevel,
): Tensor {
  const beside = (tensor: Tensor) => besidePoints(tensor, model.shape);
  const noise = mul(model.noise(parameters, y, level), beside(level.deviation));
  const clean = div(sub(sub(y, beside(level.shift)), noise), beside(level.scale));
  return model.process.space === "log" ? exp(clean) : clean;
}
