import { cast, type FloatType, isTensor, mul, neg, type Operand } from "@gradus/graph";
import { requirePositiveOptions, type SampleSchedule, type Schedule } from "../schedules/schedule.ts";
import { type GradientTransformation, type StepContext, stateless } from "../transformation.ts";
import { floatTypeOf } from "./discounted.ts";

/**
 * A learning rate: a number; a scalar tensor, such as a setting that runs change; or a schedule of the steps taken,
 * or of the samples seen.
 */
export type LearningRate = Operand | Schedule | SampleSchedule;

function rateAt(rate: LearningRate, { steps, samples }: StepContext, dtype: FloatType): Operand {
  if (typeof rate === "number" || isTensor(rate)) return rate;
  return typeof rate === "function" ? rate(cast(steps, dtype)) : rate.samples(cast(samples, dtype));
}

/**
 * The last link of an optimizer: -learningRate u, which is added to the parameters.
 *
 * @throws ArgumentError unless a learning rate that is a number is finite and > 0
 */
export function scaleByLearningRate(learningRate: LearningRate): GradientTransformation {
  if (typeof learningRate === "number") requirePositiveOptions({ learningRate });
  return stateless((updates, context) =>
    updates.map((u) => {
      const rate = rateAt(learningRate, context, floatTypeOf(u));
      return mul(u, typeof rate === "number" ? -rate : neg(rate));
    }),
  );
}
