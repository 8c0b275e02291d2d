import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import type { HostObjective } from "../objectives/objective.ts";
import { quadratic } from "../objectives/quadratic.ts";
import { equalityProblemFromGraph } from "./constrained/from-graph.ts";
import { partitionCoordinates } from "./coordinate/partition.ts";
import { blockSoftmax } from "./coordinate/problems/softmax.ts";
import { armijo } from "./line-search/armijo.ts";
import { stochasticArmijo } from "./line-search/stochastic-armijo.ts";
import { strongWolfe } from "./line-search/strong-wolfe.ts";
import { estimateGamma } from "./second-order/estimate-gamma.ts";
import {
  adaptiveGradientDescent,
  gradientRegularizedNewton,
  normalizedGradientDescent,
} from "./second-order/presets.ts";
import { geometricMargin } from "./separation/geometric-margin.ts";
import { minimumNormPoint } from "./separation/minimum-norm-point.ts";
import { perceptronBounds } from "./separation/perceptron-bounds.ts";
import { separate } from "./separation/separate.ts";

const A = { rows: 2, columns: 2, values: Float64Array.of(2, 1, 1, 2) };
const f: HostObjective = quadratic(A, [1, 2]);
const x = Float64Array.of(1, 1);
const start = { x, value: f.value(x), gradient: f.gradient(x), direction: f.gradient(x).map((g) => -g) };

const functions: readonly (readonly [string, (options: never) => unknown])[] = [
  ["armijo", (options) => armijo(f, start, options)],
  ["strongWolfe", (options) => strongWolfe(f, start, options)],
  ["stochasticArmijo", (options) => stochasticArmijo(() => f, x, options)],
  ["estimateGamma", (options) => estimateGamma(f, x, options)],
  ["normalizedGradientDescent", (options) => normalizedGradientDescent(f, x, options)],
  ["adaptiveGradientDescent", (options) => adaptiveGradientDescent(f, x, options)],
  ["gradientRegularizedNewton", (options) => gradientRegularizedNewton(f, x, options)],
  ["partitionCoordinates", (options) => partitionCoordinates(x, options)],
  ["blockSoftmax", (options) => blockSoftmax(A, [0, 1], options)],
  [
    "equalityProblemFromGraph",
    (options) =>
      equalityProblemFromGraph(
        () => undefined as never,
        () => undefined as never,
        2,
        {},
        options,
      ),
  ],
  ["geometricMargin", (options) => geometricMargin({ A, y: [1, -1] }, options)],
  ["minimumNormPoint", (options) => minimumNormPoint({} as never, options)],
  ["perceptronBounds", (options) => perceptronBounds(options)],
  ["separate", (options) => separate(options)],
];

test.each(functions)("%s refuses an unknown option by name", async (name, call) => {
  const refused = expect(async () => call({ stepsize: 1 } as never)).rejects;
  await refused.toThrow(ArgumentError);
  await refused.toThrow(`${name} has no option "stepsize"; its options are `);
});

test("methods with a fixed choice refuse the option that would make it", () => {
  const run = (method: typeof adaptiveGradientDescent, options: object) => () => method(f, x, options);
  expect(run(normalizedGradientDescent, { gamma: 1 })).toThrow('has no option "gamma"');
  expect(run(adaptiveGradientDescent, { adaptive: false })).toThrow('has no option "adaptive"');
  expect(run(gradientRegularizedNewton, { adaptive: true })).toThrow('has no option "adaptive"');
});

test("stochasticArmijo refuses an unknown value of an option", () => {
  const run = (options: object) => () => stochasticArmijo(() => f, x, options);
  expect(run({ reset: "never" })).toThrow('reset must be "previous", "grow" or "initial", got "never"');
  expect(run({ decay: 0.5 })).toThrow("decay must be a function, got 0.5");
});

test("armijo refuses a first step beyond the longest", () => {
  expect(() => armijo(f, start, { initialStep: 2, maximalStep: 1 })).toThrow(
    "maximalStep must be at least initialStep 2, got 1",
  );
});
