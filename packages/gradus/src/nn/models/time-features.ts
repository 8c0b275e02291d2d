import type { Tensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { sinusoidalEmbedding } from "../time-embedding.ts";

/** How a model represents a time: by `sinusoidalEmbedding` with this number of features. */
export interface TimeOptions {
  readonly features: number;
  readonly maxPeriod?: number;
  readonly scale?: number;
}

/**
 * The features of times, for a model that takes them.
 *
 * @throws ArgumentError when times are missing for such a model, or given to another one
 */
export function timeFeatures(t: Tensor | undefined, time: TimeOptions | undefined): Tensor | undefined {
  if ((t === undefined) !== (time === undefined))
    throw new ArgumentError(
      time
        ? "t is required: the model has the `time` option"
        : "t must be left out: the model has no `time` option",
    );
  if (!t || !time) return undefined;
  const { features: dimension, maxPeriod, scale } = time;
  return sinusoidalEmbedding(t, { dimension, maxPeriod, scale });
}
