import { array, matmul } from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { binaryLogisticLoss } from "../losses/logistic.ts";
import { sgdRule, stochasticDescent } from "./baselines.ts";
import { linearTargets } from "./linear-targets.ts";
import { targetSurrogate } from "./surrogate.ts";
import { targetLoss } from "./target-loss.ts";
import { targetProblem } from "./target-problem.ts";
import { tracedTargets } from "./traced-targets.ts";

const problem = targetProblem(
  linearTargets({ rows: 2, columns: 1, values: Float64Array.of(1, 2) }),
  targetLoss(binaryLogisticLoss, [0, 1]),
);
const theta = new Float64Array(1);

test.each<readonly [string, (options: never) => unknown]>([
  ["targetSurrogate", async (options) => targetSurrogate(await problem.at(0, theta), theta, options)],
  ["stochasticDescent", (options) => stochasticDescent(problem, theta, sgdRule(0.1), options)],
  ["tracedTargets", (options) => tracedTargets(options)],
])("%s refuses an unknown option by name", async (name, call) => {
  const refused = expect(async () => call({ steps: 3 } as never)).rejects;
  await refused.toThrow(ArgumentError);
  await refused.toThrow(`${name} has no option "steps"; its options are `);
});

test("a problem of a traced model without its data says where they come in", async () => {
  const weights = { w: array(new Float64Array(1), [1, 1]) };
  const inputs = array(Float64Array.of(1, 2), [2, 1]);
  using traced = await tracedTargets({ model: (p, x) => matmul(x, p.w), parameters: weights, inputs });
  const labels = targetLoss(binaryLogisticLoss, [0, 1]);
  expect(() => targetProblem(traced as never, labels)).toThrow(
    /^model must have rows and on, as linearTargets\(X\) or what tracedTargets gives by its on\(inputs\), got /,
  );
  expect(() => targetProblem(undefined as never, labels)).toThrow(ArgumentError);
  expect(targetProblem(traced.on(inputs), labels)).toMatchObject({ rows: 2, outputs: 1 });
});
