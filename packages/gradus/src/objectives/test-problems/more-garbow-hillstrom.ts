import {
  brownAlmostLinear,
  broydenBanded,
  broydenTridiagonal,
  chebyquad,
  discreteBoundaryValue,
  discreteIntegralEquation,
  extendedRosenbrock,
  linearFullRank,
  linearRankOne,
  linearRankOneZeros,
  penaltyOne,
  penaltyTwo,
  powellSingular,
  trigonometric,
  variablyDimensioned,
  watson,
} from "./any-dimension.ts";
import {
  biggsExponentials,
  brownDennis,
  kowalikOsborne,
  osborneBells,
  osborneExponentials,
  wood,
} from "./four-to-eleven-variables.ts";
import { bard, boxThree, gaussianFit, gulfResearch, helicalValley, meyer } from "./three-variables.ts";
import {
  beale,
  brownBadlyScaled,
  freudensteinRoth,
  jennrichSampson,
  powellBadlyScaled,
  rosenbrockProblem,
} from "./two-variables.ts";

/**
 * The 35 least-squares problems of More, Garbow & Hillstrom 1981, "Testing unconstrained optimization software", in
 * their order, by name: functions that make a problem with its standard start and its known minima. Those of any
 * dimension take it as their argument: `moreGarbowHillstrom.watson(9)`. The known minimum is NaN at dimensions for
 * which the paper gives none.
 */
export const moreGarbowHillstrom = {
  rosenbrock: rosenbrockProblem,
  freudensteinRoth,
  powellBadlyScaled,
  brownBadlyScaled,
  beale,
  jennrichSampson,
  helicalValley,
  bard,
  gaussian: gaussianFit,
  meyer,
  gulfResearch,
  boxThree,
  powellSingular,
  wood,
  kowalikOsborne,
  brownDennis,
  osborneExponentials,
  biggsExponentials,
  osborneBells,
  watson,
  extendedRosenbrock,
  extendedPowellSingular: (n = 12) => powellSingular(n),
  penaltyOne,
  penaltyTwo,
  variablyDimensioned,
  trigonometric,
  brownAlmostLinear,
  discreteBoundaryValue,
  discreteIntegralEquation,
  broydenTridiagonal,
  broydenBanded,
  linearFullRank,
  linearRankOne,
  linearRankOneZeros,
  chebyquad,
} as const;
