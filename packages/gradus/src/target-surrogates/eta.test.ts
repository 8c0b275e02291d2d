import { expect, test } from "vitest";
import { squaredLoss } from "../losses/squared.ts";
import { targetLineSearch } from "./eta.ts";
import { linearTargets } from "./linear-targets.ts";
import { sso } from "./sso.ts";
import { targetLoss } from "./target-loss.ts";
import { targetProblem } from "./target-problem.ts";

/** The etas of the first outer steps on half the squared distance from y. */
async function etas(options: Parameters<typeof targetLineSearch>[0], steps: number): Promise<number[]> {
  const x = { rows: 3, columns: 1, values: Float64Array.of(1, 2, -1) };
  const problem = targetProblem(linearTargets(x), targetLoss(squaredLoss, [1, 0, 4]));
  const found: number[] = [];
  for await (const { eta } of sso(problem, new Float64Array(1), {
    eta: targetLineSearch(options),
    inner: "exact",
  })) {
    if (eta !== undefined) found.push(eta);
    if (found.length === steps) break;
  }
  return found;
}

test("the search accepts the first eta of at most 2 (1 - c) on half the squared distance", async () => {
  // (1 - eta)^2 l <= l - c eta 2 l, because |g|^2 is twice the loss
  const options = { initial: 1, shrink: 0.8, sufficientDecrease: 0.75 };
  expect(await etas(options, 1)).toEqual([0.8 ** 4].map((eta) => expect.closeTo(eta, 14)));
  expect(await etas({ ...options, sufficientDecrease: 0.5 }, 1)).toEqual([1]);
});

test("the next search starts from the last eta times the growth", async () => {
  const options = { initial: 2 ** -6, growth: 2, shrink: 0.5, sufficientDecrease: 0.5 };
  expect(await etas(options, 5)).toEqual([2 ** -6, 2 ** -5, 2 ** -4, 2 ** -3, 2 ** -2]);
  expect(await etas({ ...options, growth: 1 }, 3)).toEqual([2 ** -6, 2 ** -6, 2 ** -6]);
});
