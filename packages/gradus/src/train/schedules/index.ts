export { constantSchedule } from "./constant.ts";
export { type CosineDecayOptions, cosineDecay } from "./cosine-decay.ts";
export { type ExponentialDecayOptions, exponentialDecay } from "./exponential-decay.ts";
export { type InverseTimeDecayOptions, inverseTimeDecay } from "./inverse-time-decay.ts";
export { joinSchedules } from "./join.ts";
export { type PiecewiseConstantOptions, piecewiseConstant } from "./piecewise-constant.ts";
export { type PolynomialDecayOptions, polynomialDecay } from "./polynomial-decay.ts";
export { bySamples, type SampleSchedule, type Schedule } from "./schedule.ts";
export { type WarmUpOptions, warmUp } from "./warm-up.ts";
