export { type CurvatureMomentumOptions, curvatureMomentum } from "./curvature-momentum.ts";
export {
  type CurvatureRates,
  type CurvatureSchedule,
  type CurvatureScheduleOptions,
  type CurvatureUpdate,
  curvatureSchedule,
} from "./curvature-schedule.ts";
export {
  type HeavyBallRateMode,
  type HeavyBallRateOptions,
  type HeavyBallRates,
  heavyBallRates,
} from "./heavy-ball-rates.ts";
