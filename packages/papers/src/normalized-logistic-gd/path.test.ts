import { expect, test } from "vitest";
import { followPath, foundPath, methodLabel, type PathSummary, pathTable, stepLabel } from "./path.ts";
import { hardSet, type Problem } from "./problems.ts";

/** The worked example, with its counts: batch perceptron 4 steps, online perceptron 5 updates in 3 passes. */
const problem: Problem = { ...hardSet(2), name: "pair" };
const signal = new AbortController().signal;

async function follow(
  options: Omit<Parameters<typeof followPath>[1], "signal">,
): Promise<[PathSummary, number]> {
  const path = followPath(problem, { ...options, signal });
  for (let events = 0; ; events++) {
    const next = await path.next();
    if (next.done) return [next.value, events];
  }
}

const pathRow = (...path: Parameters<typeof foundPath>) => pathTable("paths", [foundPath(...path)]).rows[0];

test("sums up a path and hands out what is asked for", async () => {
  const losses: number[] = [];
  const [path, events] = await follow({
    method: "gd",
    step: 4,
    maxIterations: 10,
    losses,
    *show({ iteration }) {
      yield { kind: "note", text: `t = ${iteration}` };
    },
  });
  expect(path).toMatchObject({ iterations: 2, updates: 2, separated: true, accuracy: 1 });
  expect(path.maxLoss).toBe(Math.LN2);
  expect(path.finalLoss).toBeCloseTo(0.3909956414761413, 15);
  expect(losses).toEqual([
    Math.LN2,
    expect.closeTo((Math.LN2 + Math.log1p(Math.exp(-1))) / 2, 15),
    path.finalLoss,
  ]);
  expect(events).toBe(3);
});

test("a path that runs out of iterations has no separation time", async () => {
  const [path] = await follow({ method: "batch-perceptron", step: 1, maxIterations: 3 });
  expect(path).toMatchObject({ iterations: 3, separated: false });
  expect(pathRow(problem, "batch-perceptron", 1, path)).toMatchObject({
    T: null,
    method: "batch perceptron",
  });
});

test("a batch step costs 4 n d operations, an online pass 2 n d and 2 d more an update", async () => {
  const [batch] = await follow({ method: "batch-perceptron", step: 1, maxIterations: 9 });
  expect(pathRow(problem, "batch-perceptron", 1, batch)).toMatchObject({ T: 4, operations: 4 * 4 * 2 * 2 });
  const [online] = await follow({ method: "perceptron", step: 1, maxIterations: 9 });
  expect(pathRow(problem, "perceptron", 1, online)).toMatchObject({ T: 5, operations: 2 * 2 * (2 * 3 + 5) });
});

test("labels", () => {
  expect([1, 10, 100, 1e3, 1e6].map(stepLabel)).toEqual(["1", "10", "100", "1e3", "1e6"]);
  expect(methodLabel("gd", 1e6)).toBe("LR+GD, γ = 1e6");
  expect(methodLabel("normalized", 1)).toBe("normalized, β = 1");
  expect(methodLabel("normalized-batch-perceptron", 1)).toBe("normalized batch perceptron");
});
