import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { adaSketchNewton } from "./constrained/ada-sketch-newton.ts";
import { augmentedLagrangian } from "./constrained/augmented-lagrangian.ts";
import { subjectTo } from "./constrained/constraint-functions.ts";
import { minimizeEquality } from "./constrained/minimize-equality.ts";
import { sqpL1 } from "./constrained/sqp-l1.ts";
import { gradientDescent } from "./first-order/gradient-descent.ts";
import { gaussNewton } from "./least-squares/gauss-newton.ts";
import { levenbergMarquardt } from "./least-squares/levenberg-marquardt.ts";
import { lbfgs } from "./quasi-newton/lbfgs.ts";
import { lbfgsb } from "./quasi-newton/lbfgsb.ts";
import { cubicNewton } from "./second-order/cubic-newton.ts";
import { newtonCg } from "./second-order/newton-cg.ts";
import { superUniversalNewton } from "./second-order/super-universal-newton.ts";
import { trustRegion } from "./second-order/trust-region.ts";

const x0 = Float64Array.of(1, 2);

const functions: readonly (readonly [string, string, (given: never) => unknown])[] = [
  ["gradientDescent", "objective", (given) => gradientDescent(given, x0)],
  ["lbfgs", "objective", (given) => lbfgs(given, x0)],
  ["lbfgsb", "objective", (given) => lbfgsb(given, x0)],
  ["newtonCg", "objective", (given) => newtonCg(given, x0)],
  ["trustRegion", "objective", (given) => trustRegion(given, x0)],
  ["cubicNewton", "objective", (given) => cubicNewton(given, x0)],
  ["superUniversalNewton", "objective", (given) => superUniversalNewton(given, x0)],
  ["subjectTo", "objective", (given) => subjectTo(given)],
  ["gaussNewton", "residual", (given) => gaussNewton(given, x0)],
  ["levenbergMarquardt", "residual", (given) => levenbergMarquardt(given, x0)],
  ["minimizeEquality", "problem", (given) => minimizeEquality(given, x0)],
  ["adaSketchNewton", "problem", (given) => adaSketchNewton(given, x0)],
  ["augmentedLagrangian", "problem", (given) => augmentedLagrangian(given, x0)],
  ["sqpL1", "problem", (given) => sqpL1(given, x0)],
];

test.each(functions)("%s names the %s that is none", async (_, argument, call) => {
  for (const none of [undefined, null, 5]) {
    const refused = expect(async () => call(none as never)).rejects;
    await refused.toThrow(ArgumentError);
    await refused.toThrow(
      new RegExp(`^${argument} must (be an object.*|have a function value), got (${none}|undefined)`),
    );
  }
});
