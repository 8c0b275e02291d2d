import { cast, type FloatType, isTensor, type Operand } from "@gradus/graph";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import type { SampleSchedule, Schedule } from "../schedules/schedule.ts";
import type { StepContext } from "../transformation.ts";

/** A number; a scalar tensor, such as a setting that runs change; or a schedule of the steps taken or the samples seen. */
export type Scheduled = Operand | Schedule | SampleSchedule;

/** Its value in a step. */
export function valueAt(scheduled: Scheduled, { steps, samples }: StepContext, dtype: FloatType): Operand {
  if (typeof scheduled === "number" || isTensor(scheduled)) return scheduled;
  return typeof scheduled === "function"
    ? scheduled(cast(steps, dtype))
    : scheduled.samples(cast(samples, dtype));
}

/** @throws ArgumentError unless it is a number, a scalar tensor, a schedule, or a schedule of the samples */
export function checkScheduled(name: string, value: unknown): void {
  const bySamples = typeof value === "object" && value !== null && "samples" in value;
  if (typeof value !== "number" && typeof value !== "function" && !bySamples && !isTensor(value))
    throw new ArgumentError(`${name} must be a number, a tensor or a schedule, got ${shown(value)}`);
}
