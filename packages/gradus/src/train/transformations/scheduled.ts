import { cast, type FloatType, isTensor, type Operand } from "@gradus/graph";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import type { SampleSchedule, TracedSchedule } from "../schedules/schedule.ts";
import type { StepContext } from "../transformation.ts";

/** A number; a scalar tensor, such as a setting that runs change; or a schedule of the steps taken or the samples seen. */
export type Scheduled = Operand | TracedSchedule | SampleSchedule;

/**
 * Its value in a step.
 *
 * @throws ArgumentError when a schedule returns neither a scalar tensor nor a number
 */
export function valueAt(scheduled: Scheduled, { steps, samples }: StepContext, dtype: FloatType): Operand {
  if (typeof scheduled === "number" || isTensor(scheduled)) return scheduled;
  const value =
    typeof scheduled === "function" ? scheduled(cast(steps, dtype)) : scheduled.samples(cast(samples, dtype));
  // arithmetic of JavaScript makes NaN of a tensor
  if (isTensor(value) ? value.shape.length > 0 : typeof value !== "number" || Number.isNaN(value))
    throw new ArgumentError(
      `a schedule must return a scalar tensor, made of its argument by operations such as mul and pow of @gradus/graph, got ${isTensor(value) ? `shape [${value.shape.join(", ")}]` : shown(value)}`,
    );
  return value;
}

/** @throws ArgumentError unless it is a number, a scalar tensor, a schedule, or a schedule of the samples */
export function checkScheduled(name: string, value: unknown): void {
  const bySamples = typeof value === "object" && value !== null && "samples" in value;
  if (typeof value !== "number" && typeof value !== "function" && !bySamples && !isTensor(value))
    throw new ArgumentError(`${name} must be a number, a tensor or a schedule, got ${shown(value)}`);
}
