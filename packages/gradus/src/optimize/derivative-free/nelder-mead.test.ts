import { expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { moreGarbowHillstrom } from "../../objectives/test-problems/more-garbow-hillstrom.ts";
import { nelderMead } from "./nelder-mead.ts";

const problems = Object.entries(moreGarbowHillstrom)
  .map(([name, problem]) => ({ key: name, ...problem() }))
  .filter(({ start }) => start.length <= 12);

test.each(problems)("converges only near a known minimum of $key", async ({ objective, start, ...known }) => {
  const { dimension, value } = objective;
  const { iterate } = await solve(nelderMead({ dimension, value: (x) => value(x) }, start));
  expect(iterate.status).toBe("converged");
  const minima = [known.minimum, ...known.otherMinima];
  const distances = minima.map((least) => Math.abs(iterate.bestValue - least) / Math.max(least, 1));
  // the tolerance of values
  expect(Math.min(...distances)).toBeLessThanOrEqual(1e-4);
});
