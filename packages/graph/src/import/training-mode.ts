import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Booleans of a shape: which entries a Dropout node in training mode keeps, each with the probability 1 - ratio.
 *
 * @param shape of the node's input
 * @param ratio the probability with which an entry is dropped, within (0, 1)
 */
export type KeptEntries = (shape: Shape, ratio: number) => Tensor;

/** The mean and the variance of each channel [channels] that a BatchNormalization node has stored. */
export interface StoredMoments {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** What a BatchNormalization node has measured on a batch. */
export interface BatchMoments {
  /** [channels] */
  readonly mean: Tensor;
  /** [channels], the mean of the squared deviations */
  readonly variance: Tensor;
  /** How many numbers of a channel there are, one number of the same element type. */
  readonly count: Tensor;
  /** The weight of the stored moments in their update, as in the file. */
  readonly momentum: number;
}

/**
 * How a BatchNormalization node in training mode normalizes: by the stored moments where this returns nothing, else by
 * those of the batch, with which the function it returns is called.
 */
export type BatchMomentsUse = (stored: StoredMoments) => ((batch: BatchMoments) => void) | undefined;

/** How nodes that the file has in training mode work. */
export interface TrainingMode {
  /** What Dropout nodes keep; without it nothing is dropped. */
  readonly keptEntries?: KeptEntries;
  /** How BatchNormalization nodes normalize; without it by the moments of the batch. */
  readonly batchMoments?: BatchMomentsUse;
}
