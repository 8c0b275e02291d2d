import { type Operand, scalar, type Tensor } from "@gradus/graph";

/**
 * A number that changes with a count from 0 (steps taken, or samples seen), such as a learning rate: a plain function
 * for plots, and the same function of a scalar inside the graph, in the parameters' type (float32 counts to 2^24
 * exactly, and from there to seven digits).
 */
export interface Schedule {
  (count: number): number;
  (count: Tensor): Tensor;
}

/**
 * A schedule in the graph alone, which is all that an optimizer needs: a scalar of the count, by operations of
 * `@gradus/graph`. Every `Schedule` is one, and so is `(step) => div(0.1, add(1, step))`.
 */
export type TracedSchedule = (count: Tensor) => Operand;

/** A schedule of the rows seen in place of the steps taken: made by `bySamples`. */
export interface SampleSchedule {
  readonly samples: TracedSchedule;
}

/** A schedule from one formula, written with the arithmetic of `arithmetic.ts`. */
export function scheduleOf(formula: (count: Operand) => Operand): Schedule {
  function schedule(count: number): number;
  function schedule(count: Tensor): Tensor;
  function schedule(count: Operand): Operand {
    const value = formula(count);
    return typeof count !== "number" && typeof value === "number" ? scalar(value, count.dtype) : value;
  }
  return schedule;
}

/**
 * Makes a schedule count samples (rows seen before the batch) and not steps, so that it does not depend on the batch
 * size, also where that changes.
 */
export function bySamples(schedule: TracedSchedule): SampleSchedule {
  return { samples: schedule };
}
