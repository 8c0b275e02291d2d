import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import { designOf, normalizedWeights } from "./design.ts";
import { fitLinear, targetsOf } from "./linear.ts";
import { shiftedPerturbations } from "./shifted.ts";

const [count, d] = [40, 3];
const xi = { rows: count, columns: d, values: randomStream(5).fillUniform(new Float64Array(count * d)) };
const entry = (k: number, j: number) => xi.values[k * d + j];

/** Weights of perturbations by their distance from the first one. */
const around = (width: number) =>
  normalizedWeights(
    Float64Array.from({ length: count }, (_, k) => {
      const square = [0, 1, 2].reduce((sum, j) => sum + (entry(k, j) - entry(0, j)) ** 2, 0);
      return Math.exp(-square / width ** 2);
    }),
    count,
    "row 0",
  );

// from weights that are alike to weights of which all but the first are small
test.each([10, 0.3, 0.1, 0.05])("designs around a row by the definition, width %d", (width) => {
  const weights = around(width);
  for (const centered of [true, false]) {
    using perturbations = shiftedPerturbations(xi, centered);
    const { center, gram } = designOf(perturbations, weights);
    const sumOf = (term: (k: number) => number) => weights.reduce((sum, pi, k) => sum + pi * term(k), 0);
    for (let i = 0; i < d; i++) {
      expect(center[i]).toBeCloseTo(centered ? sumOf((k) => entry(k, i)) : 0, 14);
      for (let j = 0; j <= i; j++) {
        const product = sumOf((k) => (entry(k, i) - center[i]) * (entry(k, j) - center[j]));
        const size = Math.sqrt(gram.values[i * (d + 1)] * gram.values[j * (d + 1)]);
        expect(Math.abs(gram.values[i * d + j] - product) / size).toBeLessThan(1e-13);
      }
    }
  }
});

test("features that are left out of a fit do not leave their factor to the next", () => {
  using perturbations = shiftedPerturbations(xi, true);
  const shared = designOf(perturbations, around(0.5));
  const y = Float64Array.from({ length: count }, (_, k) => Math.sin(3 * entry(k, 0)) + entry(k, 1) ** 2);
  const fit = (design: typeof shared, active: readonly number[], ridge: number) => {
    const [targets] = targetsOf(perturbations, [{ design, y }]);
    const options = { targets, active: Int32Array.from(active), ridge, lasso: 0, intercept: true };
    return fitLinear(design, options);
  };
  for (const [active, ridge] of [
    [[0, 1, 2], 0],
    [[0, 1, 2], 0],
    [[0, 2], 0],
    [[1, 2], 0],
    [[1, 2], 0.1],
    [[0, 1, 2], 0.1],
  ] as const)
    expect(fit(shared, active, ridge)).toEqual(fit({ ...shared }, active, ridge));
});
