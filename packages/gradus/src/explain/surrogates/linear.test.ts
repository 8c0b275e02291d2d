import { expect, test } from "vitest";
import { designOf } from "./design.ts";
import { fitLinear, targetsOf } from "./linear.ts";
import { shiftedPerturbations } from "./shifted.ts";

const options = { active: Int32Array.of(0), ridge: 0, lasso: 0, intercept: true };

test("responses of rows with weights of their own keep their digits far from the origin", () => {
  const far = 2 ** 27;
  const xi = { rows: 4, columns: 1, values: Float64Array.of(far, far + 1, far + 2, far + 3) };
  const y = Float64Array.of(0, 2, 4, 6);
  using perturbations = shiftedPerturbations(xi, true);
  const rows = [Float64Array.of(0.25, 0.25, 0.25, 0.25), Float64Array.of(0.5, 0.25, 0, 0.25)].map(
    (weights) => ({
      design: designOf(perturbations, weights),
      y,
    }),
  );
  const targets = targetsOf(perturbations, rows);
  // twice the variances: 5/4 at a mean of 3/2, and 5/2 - 1 at a mean of 1
  expect(targets.map(({ responses }) => responses[0])).toEqual([2 * (5 / 4), 2 * (3 / 2)]);
  expect(targets.map(({ offset }) => offset)).toEqual([3, 2]);
  for (const [i, { design }] of rows.entries())
    expect(fitLinear(design, { targets: targets[i], ...options }).weights[0]).toBeCloseTo(2, 14);
});

test("a row's targets do not depend on the rows beside it", () => {
  const values = Float64Array.from({ length: 60 }, (_, k) => Math.sin(k + 1));
  const xi = { rows: 20, columns: 3, values };
  using perturbations = shiftedPerturbations(xi, true);
  const rows = Array.from({ length: 5 }, (_, i) => ({
    design: designOf(perturbations, new Float64Array(20).fill(1 / 20)),
    y: Float64Array.from({ length: 20 }, (_, k) => Math.cos(i + 0.7 * k)),
  }));
  const alone = rows.map((row) => targetsOf(perturbations, [row])[0]);
  expect(targetsOf(perturbations, rows)).toEqual(alone);
});
