import { type ArrayValue, type FloatType, gather, type Tensor } from "@gradus/graph";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../check/options.ts";
import { type Initializer, normalWeights, type Stream } from "./initializers.ts";

/** The trained parameters of an embedding. */
export type EmbeddingParameters<T = Tensor> = {
  /** [entries, width] */
  readonly weights: T;
};

export interface EmbeddingParametersOptions {
  /** Number of different entries: tokens, categories, positions. */
  readonly entries: number;
  /** Features of an entry. */
  readonly width: number;
  readonly stream: Stream;
  /** Normal with standard deviation 0.02 by default (Radford et al. 2018, section 4.1). */
  readonly initializer?: Initializer;
  readonly dtype?: FloatType;
}

/**
 * Initial parameters of an embedding: one row of features for each entry.
 *
 * @throws ArgumentError unless entries and width are integers >= 1, or for an unknown option or dtype
 */
export function embeddingParameters(options: EmbeddingParametersOptions): EmbeddingParameters<ArrayValue> {
  checkGivenOptions("embeddingParameters", options, ["entries", "width", "stream", "initializer", "dtype"]);
  const { entries, width, stream, initializer = normalWeights(0.02), dtype = "f32" } = options;
  checkPositiveInteger({ entries, width });
  checkOneOf(["f32", "f64"], { dtype });
  const weights = initializer(stream, { shape: [entries, width], fanIn: entries, fanOut: width, dtype });
  return { weights };
}

/**
 * The features of entries by their indices: rows of the weights.
 *
 * @param indices [...], integers (i64) from 0 to entries - 1
 * @returns [..., width]
 * @throws TypeMismatchError unless the indices are i64; a run with an index out of range fails with IndexError
 */
export function embedding({ weights }: EmbeddingParameters, indices: Tensor): Tensor {
  return gather(weights, indices);
}
