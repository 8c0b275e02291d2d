import { cast, type FloatType, isTensor, mul, neg, type Operand } from "@gradus/graph";
import { requirePositiveOptions, type SampleSchedule, type Schedule } from "../schedules/schedule.ts";
import { type GradientTransformation, type StepContext, stateless } from "../transformation.ts";

/**
 * A learning rate: a number; a scalar tensor, such as a setting that runs change; or a schedule of the steps taken,
 * or of the samples seen.
 */
export type LearningRate = Operand | Schedule | SampleSchedule;

function rateAt(rate: LearningRate, { steps, samples }: StepContext, dtype: FloatType): Operand {
  if (typeof rate === "number" || isTensor(rate)) return rate;
  // Counts pass 2^24, where float32 stops counting.
  const value = typeof rate === "function" ? rate(cast(steps, "f64")) : rate.samples(cast(samples, "f64"));
  return cast(value, dtype);
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
      const rate = rateAt(learningRate, context, u.dtype === "f64" ? "f64" : "f32");
      return mul(u, typeof rate === "number" ? -rate : neg(rate));
    }),
  );
}
