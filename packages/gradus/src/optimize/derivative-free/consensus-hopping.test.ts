import { describe, expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { canyon } from "../../objectives/canyon.ts";
import type { BatchObjective } from "./batch-objective.ts";
import { type ConsensusHoppingOptions, consensusHopping } from "./consensus-hopping.ts";

const square: BatchObjective = {
  dimension: 1,
  values: (points) => points.map((y) => (1.5 * (y - 2) ** 2) / 2),
};

async function after(steps: number, f: BatchObjective, x0: number, options: ConsensusHoppingOptions) {
  return (await solve(consensusHopping(f, x0, options), { maxIterations: steps })).iterate;
}

test("on a quadratic the hop is the proximal step, whatever alpha, to the noise of the samples", async () => {
  for (const inverseTemperature of [0.5, 2, 8]) {
    const tau = 0.3;
    const width = Math.sqrt(tau / inverseTemperature);
    const { consensus } = await after(1, square, 1, { width, samples: 400_000, inverseTemperature });
    expect(Math.abs(consensus[0] - (1.5 * 2 + 1 / tau) / (1.5 + 1 / tau))).toBeLessThan((5 * width) / 300);
  }
});

test("hops over the barriers of the canyon", async () => {
  const { consensus } = await after(250, canyon(), 8, { width: 0.7, samples: 200, runs: 5, seed: 1 });
  for (let m = 0; m < 5; m++) expect(Math.hypot(consensus[2 * m], consensus[2 * m + 1])).toBeLessThan(1);
});

describe("the contract", () => {
  const options = { width: 0.5, samples: 20, seed: 3 } as const;

  test("runs are independent of their number, and resume bit for bit", async () => {
    const one = await after(6, square, 0, options);
    const three = await after(6, square, 0, { ...options, runs: 3 });
    expect(three.consensus[0]).toBe(one.consensus[0]);
    const { iteration, state } = await after(4, square, 0, { ...options, runs: 3 });
    const resumed = await after(6, square, 0, { ...options, runs: 3, resume: { iteration, state } });
    expect(resumed.state).toEqual(three.state);
  });

  test("a rule sets the width by the step, and the budget ends the method", async () => {
    const widths: number[] = [];
    const { iterate } = await solve(
      consensusHopping(square, 0, {
        ...options,
        width: (step) => {
          widths.push(step);
          return 0.5 * 0.98 ** step;
        },
        maxEvaluations: 70,
      }),
    );
    expect(iterate).toMatchObject({ status: "evaluation-limit", evaluations: 60, iteration: 3 });
    expect(widths).toEqual([0, 0, 1, 2]);
  });

  test("refuses what is out of bounds", async () => {
    expect(() => consensusHopping(square, 0, { width: 0 })).toThrow("width must be a positive number");
    expect(() => consensusHopping(square, Number.NaN, options)).toThrow(
      "x0 must be finite, got NaN at index 0",
    );
    expect(() => consensusHopping(square, [1, 2], options)).toThrow("x0 must have 1 numbers, got 2");
    expect(() => consensusHopping(square, 0, { ...options, samples: 0.5 })).toThrow("samples must be");
    const nowhere: BatchObjective = { dimension: 1, value: () => Number.NaN };
    await expect(after(1, nowhere, 0, options)).rejects.toThrow("every sample has the value NaN or Infinity");
  });
});
