import { ArgumentError } from "../../check/errors.ts";
import { checkFinite, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import type { RandomStream } from "../../random/stream.ts";
import type { ValuesOf } from "../../tree/arrays.ts";
import type { DiffusionModel } from "./model.ts";
import { checkLastNoise } from "./noise-range.ts";
import { type PointData, pointsOf } from "./point-data.ts";

/**
 * The law of the particles at the end of the window, normal with independent coordinates in the space of the process: with
 * the mean and variance that the data have there, of each coordinate or pooled over all, or with others.
 */
export type Prior = "perCoordinate" | "pooled" | { readonly mean: number; readonly deviation: number };

/**
 * Mean and standard deviation of each coordinate at the end of the window.
 *
 * @throws ArgumentError for an unknown prior, or when the law at the end of the window is far from a normal one of independent
 *   coordinates because the process adds little noise to the data
 */
export function priorMoments<P extends ValuesOf<P>>(
  { process, moments }: Pick<DiffusionModel<P>, "process" | "moments">,
  prior: Prior,
): { readonly mean: Float64Array; readonly deviation: Float64Array } {
  const size = moments.mean.length;
  const all = (value: number) => new Float64Array(size).fill(value);
  if (typeof prior === "object" && prior !== null) {
    checkOptions("prior", prior, ["mean", "deviation"]);
    checkFinite({ "prior.mean": prior.mean });
    checkPositive({ "prior.deviation": prior.deviation });
    return { mean: all(prior.mean), deviation: all(prior.deviation) };
  }
  checkOneOf(["perCoordinate", "pooled"], { prior });
  checkLastNoise(process, moments);
  const end = process.endTime;
  const [scale, shift, added] = [process.scale(end), process.shift(end), process.variance(end)];
  const at = (m: number) => scale * m + shift;
  const spread = (v: number) => Math.sqrt(scale * scale * v + added);
  if (prior === "perCoordinate")
    return {
      mean: Float64Array.from(moments.mean, at),
      deviation: Float64Array.from(moments.variance, spread),
    };
  const mean = moments.mean.reduce((sum, m) => sum + m / size, 0);
  const variance = moments.variance.reduce(
    (sum, v, j) => sum + (v + (moments.mean[j] - mean) ** 2) / size,
    0,
  );
  return { mean: all(at(mean)), deviation: all(spread(variance)) };
}

/** Where particles start, in the space of the process. */
export function startingPoints<P extends ValuesOf<P>>(
  model: DiffusionModel<P>,
  options: { readonly count?: number; readonly start?: PointData; readonly prior?: Prior },
  stream: RandomStream,
): { readonly count: number; readonly y: Float32Array } {
  const { start, count = 1000, prior = "perCoordinate" } = options;
  const { shape, process } = model;
  if (start) {
    if (options.count !== undefined || options.prior !== undefined)
      throw new ArgumentError("start must be given without count and prior: it has its own points");
    const given = pointsOf(process, start, model.scaling, { argument: "start", least: 1 });
    if (given.shape.join() !== shape.join())
      throw new ArgumentError(
        `start must have points of shape [${shape.join(", ")}], got [${given.shape.join(", ")}]`,
      );
    return { count: given.count, y: given.values };
  }
  checkPositiveInteger({ count });
  const { mean, deviation } = priorMoments(model, prior);
  const size = mean.length;
  const y = stream.fillNormal(new Float32Array(count * size));
  for (let k = 0; k < y.length; k++) y[k] = mean[k % size] + deviation[k % size] * y[k];
  return { count, y };
}
