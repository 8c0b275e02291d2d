import { cast, type FloatType, isTensor, type Operand } from "@gradus/graph";
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
