import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { norm2 } from "../../linalg/vector.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import type { HostObjective } from "../../objectives/objective.ts";
import { withRidge } from "../../objectives/ridge.ts";
import { randomStream } from "../../random/stream.ts";
import type { RegularizedIterate } from "../descent/adapted-parameter.ts";
import { minimize } from "../minimize.ts";
import { gnsNewton } from "./gns-newton.ts";

interface Problem {
  readonly objective: HostObjective;
  readonly x0: Float64Array;
}

/** Logistic losses with a ridge term, of random rows and labels, from a random start. */
const problems: fc.Arbitrary<Problem> = fc
  .record({
    seed: fc.integer({ min: 1, max: 10_000 }),
    rows: fc.integer({ min: 5, max: 40 }),
    columns: fc.integer({ min: 1, max: 6 }),
    ridge: fc.constantFrom(1e-3, 1e-2, 1),
    scale: fc.constantFrom(0, 1, 10),
  })
  .map(({ seed, rows, columns, ridge, scale }) => {
    const stream = randomStream(seed);
    const values = stream.fillNormal(new Float64Array(rows * columns));
    const y = Int32Array.from({ length: rows }, () => (stream.uniform() < 0.5 ? -1 : 1));
    return {
      objective: withRidge(logisticRegression({ rows, columns, values }, y), ridge),
      x0: stream.fillNormal(new Float64Array(columns)).map((value) => scale * value),
    };
  });

async function path({ objective, x0 }: Problem, hessian: string): Promise<RegularizedIterate[]> {
  const iterates: RegularizedIterate[] = [];
  await minimize(objective, x0, {
    method: gnsNewton,
    hessian,
    acceptance: "function",
    gradientTolerance: 1e-6, // above the rounding of the values
    maxIterations: 200,
    onIterate: (iterate) => {
      iterates.push(iterate);
    },
  });
  return iterates;
}

describe.each(["exact", "empiricalFisher", "diagonal", "zero"])("with the %s matrix", (hessian) => {
  test("a step is no longer than gamma, and decreases f by ||g+||^2 / (8 lambda)", () =>
    fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const iterates = await path(problem, hessian);
        for (let k = 1; k < iterates.length; k++) {
          const [before, after] = [iterates[k - 1], iterates[k]];
          if (after.status === "no-acceptable-step") break;
          const length = norm2(after.x.map((xj, j) => xj - before.x[j]));
          const { gamma, lambda } = after.step!;
          expect(length).toBeLessThanOrEqual(gamma * (1 + 1e-9));
          expect(before.value - after.value).toBeGreaterThanOrEqual(after.gradientNorm ** 2 / (8 * lambda));
        }
      }),
      { numRuns: 15 },
    ));
});

test("the global linear bound: K <= max( ln(s_0/s_K), ln(F_0/F_K) / ln(1 + gamma / (8 e D)) )", () =>
  fc.assert(
    fc.asyncProperty(problems, async (problem) => {
      const { x: best, value: least } = await minimize(problem.objective, problem.x0, {
        method: gnsNewton,
        gradientTolerance: 1e-13,
      });
      const iterates = await path(problem, "exact");
      const last = iterates[iterates.length - 1];
      if (iterates.length < 2 || last.value - least < 1e-14) return;
      const K = last.iteration;
      const gamma = Math.min(...iterates.slice(1).map(({ step }) => step!.gamma));
      const D = 2 * Math.max(...iterates.map(({ x }) => norm2(x.map((xj, j) => xj - best[j]))));
      const byGradient = Math.log(iterates[0].gradientNorm / last.gradientNorm);
      const byGap =
        Math.log((iterates[0].value - least) / (last.value - least)) / Math.log1p(gamma / (8 * D * Math.E));
      expect(K).toBeLessThanOrEqual(Math.ceil(Math.max(byGradient, byGap)));
    }),
    { numRuns: 30 },
  ));
