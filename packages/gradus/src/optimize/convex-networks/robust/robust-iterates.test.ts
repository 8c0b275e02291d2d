import { describe, expect, test } from "vitest";
import { solve } from "../../../iterate/iterate.ts";
import { convexNetworkIterates } from "../iterates.ts";
import { networkOutputs } from "../network.ts";
import { patternsOfDirections, samplePatterns } from "../patterns.ts";
import { withOnes } from "../problem.ts";
import { formulaMatrix, normalRows, reference, signs } from "../test-support.ts";
import { pgdAttack } from "./attacks.ts";
import { certifiedMargins } from "./certified-margins.ts";
import { robustNetworkIterates } from "./robust-iterates.ts";

const { x, labels: y } = reference;
/** Three directions by a formula, and that of all rows; one of the patterns comes twice. */
const directions = formulaMatrix(4, 3, (i, c) => (i === 4 ? Number(c === 3) : Math.cos(1.1 * i + 2 * c)));
const patterns = patternsOfDirections(withOnes(x), directions);

// without its penalty the program is linear: scipy.optimize.linprog (HiGHS, SciPy 1.15.3) prints its optimum, and the sum of
// the lengths of the blocks of a solution, by which a penalty beta raises the optimum at most
test.each([
  [0, 13.458751186265285, 115.3, 0.1],
  [0.05, 14.538140079634948, 572, 0.01],
  [0.1, 22, 1, 0.1],
])(
  "hinge, epsilon = %f: the optimum of the linear program by HiGHS",
  async (epsilon, optimum, lengths, rho) => {
    const beta = 1e-4;
    const method = robustNetworkIterates({
      x,
      y,
      loss: "hinge",
      beta,
      robustness: { epsilon },
      patterns,
      rho,
      tolerance: 1e-8,
    });
    const { iterate } = await solve(method, { maxIterations: 20_000 });
    expect(iterate.objective).toBeGreaterThan(optimum - 1e-3);
    expect(iterate.objective).toBeLessThan(optimum + beta * lengths + 0.01);
    expect(iterate.violation).toBeLessThan(1e-4);
    expect(iterate.lowerBound).toBeLessThan(optimum + beta * lengths + 1e-6);
  },
);

describe.each(["hinge", "logistic", "squared"] as const)("%s", (loss) => {
  const rows = normalRows(25, 3, 2);
  const labels = loss === "squared" ? rows.y : signs(rows.y);
  const problem = { x: rows.x, y: labels, loss, beta: 0.3 };
  const epsilon = 0.08;
  const perturbation = { epsilon, perturbed: [true, true, true, false] };
  const own = samplePatterns(withOnes(rows.x), { count: 12, seed: 3, perturbation });
  const robust = (change: object, maxIterations: number) =>
    solve(
      robustNetworkIterates({
        ...problem,
        patterns: own,
        rho: 0.3,
        tolerance: 1e-8,
        robustness: { epsilon },
        ...change,
      }),
      { maxIterations },
    );

  test("without perturbation it is the standard program, which another splitting solves", async () => {
    const { iterate } = await robust({ robustness: { epsilon: 0 } }, 5000);
    const standard = await solve(
      convexNetworkIterates({ ...problem, patterns: own, relaxation: 1.6, rho: 0.5 }),
      {
        maxIterations: 6000,
      },
    );
    expect(Math.abs(iterate.objective / standard.iterate.objective - 1)).toBeLessThan(5e-3);
  });

  test("its worst-case loss is above the loss of the network under attack, and its dual bound below", async () => {
    const { iterate } = await robust({}, 5000);
    const { network, worstCaseLoss, objective, lowerBound, violation } = iterate;
    expect(violation).toBeLessThan(1e-3);
    expect(lowerBound).toBeLessThan(objective + 1e-3);
    expect(lowerBound).toBeGreaterThan(0.8 * objective);
    const relaxed = await robust({ relaxation: 1.6 }, 4000);
    expect(Math.abs(relaxed.iterate.objective / objective - 1)).toBeLessThan(5e-3);
    const attacked = pgdAttack(network, { x: rows.x, y: labels, loss, epsilon });
    const outputs = networkOutputs(network, attacked);
    let sum = 0;
    outputs.forEach((z, k) => {
      const margin = labels[k] * z;
      if (loss === "hinge") sum += Math.max(0, 1 - margin);
      else if (loss === "logistic") sum += Math.log1p(Math.exp(-margin));
      else sum += (z - labels[k]) ** 2 / 2;
    });
    expect(sum).toBeLessThan(worstCaseLoss + 0.01);
    if (loss === "squared") return;
    const margins = certifiedMargins(network, { x: rows.x, y: labels, epsilon });
    margins.forEach((margin, k) => {
      expect(margin).toBeLessThanOrEqual(labels[k] * outputs[k] + 1e-9);
    });
  });

  test("at the start the bound is 0", async () => {
    expect((await robust({}, 0)).iterate.lowerBound).toBe(0);
  });

  test("a larger box raises the optimum; a run resumes bit for bit", async () => {
    const small = await robust({ robustness: { epsilon: 0.02 } }, 2500);
    const large = await robust({ robustness: { epsilon: 0.15 } }, 2500);
    expect(large.iterate.objective).toBeGreaterThan(small.iterate.lowerBound);
    const whole = await robust({}, 24);
    const half = await robust({}, 11);
    const resumed = await robust({ resume: half.iterate }, 24);
    expect(resumed.iterate.state).toStrictEqual(whole.iterate.state);
  });
});

test("what does not fit is refused", () => {
  const start = (changes: object) => () =>
    robustNetworkIterates({
      x,
      y,
      loss: "hinge",
      beta: 0.1,
      robustness: { epsilon: 0.1 },
      patterns,
      ...changes,
    });
  expect(start({ robustness: { epsilon: -0.1 } })).toThrow("epsilon must be a non-negative number, got -0.1");
  expect(start({ robustness: { eps: 1 } })).toThrow('robustness has no option "eps"');
  expect(start({ robustness: { epsilon: 1, perturbed: [true] } })).toThrow(
    "perturbed must have 2 entries, one a column of x, got 1",
  );
  expect(start({ rho: 0 })).toThrow("rho must be a positive number, got 0");
  expect(start({ relaxation: 2 })).toThrow("relaxation must be in (0, 2), got 2");
  expect(start({ y: [...y].fill(2) })).toThrow("y must be -1 or 1, got 2 in row 0");
});
