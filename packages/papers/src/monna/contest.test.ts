import { digitsNetwork, shuffledDigits } from "gradus/collaborative";
import { describe, expect, test } from "vitest";
import { type Contest, type ContestResult, contestProblems, contestRun } from "./contest.ts";

/** Training of a few steps whose rate becomes impossible after `lastSane` steps. */
async function train(lastSane: number): Promise<ContestResult> {
  const contest: Contest<ReturnType<typeof digitsNetwork.parameters>> = {
    images: await shuffledDigits(1),
    network: digitsNetwork,
    nodes: 6,
    faulty: 1,
    regularization: 1e-4,
    concentration: 1,
    batchSize: 16,
    learningRate: (step) => (step < lastSane ? 0.5 : 1e30),
    steps: 20,
    evaluateEvery: 5,
    evaluations: 2,
    radius: 1,
    seed: 1,
    signal: new AbortController().signal,
  };
  await using problems = contestProblems(contest);
  const run = contestRun(contest, problems, { name: "NNA", attack: "SF" });
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
  }
}

describe("a contest", () => {
  test("is evaluated every so many steps, from the start on", async () => {
    const { steps, accuracies } = await train(Number.POSITIVE_INFINITY);
    expect(steps).toEqual([0, 5, 10, 15, 20]);
    expect(accuracies.at(-1)).toBeGreaterThan(0.2);
  });

  test("counts as guessing from where training diverges on, and before as it was", async () => {
    const whole = await train(Number.POSITIVE_INFINITY);
    const { steps, accuracies, score } = await train(7);
    expect(steps).toEqual([0, 5, 10, 15, 20]);
    expect(accuracies.slice(0, 2)).toEqual(whole.accuracies.slice(0, 2));
    expect(accuracies.slice(2)).toEqual([0.1, 0.1, 0.1]);
    expect(score).toBeCloseTo(accuracies.reduce((sum, one) => sum + one, 0) / 5, 12);
  });
});
