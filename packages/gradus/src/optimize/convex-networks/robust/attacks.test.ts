import { expect, test } from "vitest";
import { networkOutputs } from "../network.ts";
import { normalRows, signs } from "../test-support.ts";
import { fgsmAttack, pgdAttack } from "./attacks.ts";
import { certifiedMargins } from "./certified-margins.ts";

const { x, y } = normalRows(30, 3, 1);
const labels = signs(y);
const hidden = normalRows(3, 12, 2).x;
const network = { hidden, biases: normalRows(12, 1, 3).y, outputs: normalRows(12, 1, 4).y };
const margins = (moved: typeof x) => networkOutputs(network, moved).map((z, k) => labels[k] * z);

test("attacks stay in the box, leave columns alone that may not change, and PGD is never weaker than none", () => {
  const options = { x, y: labels, epsilon: 0.2, perturbed: [true, false, true] };
  for (const moved of [fgsmAttack(network, options), pgdAttack(network, { ...options, seed: 1 })])
    moved.values.forEach((value, at) => {
      expect(Math.abs(value - x.values[at])).toBeLessThanOrEqual(at % 3 === 1 ? 0 : 0.2 + 1e-12);
    });
  const before = margins(x);
  margins(pgdAttack(network, options)).forEach((margin, k) => {
    expect(margin).toBeLessThanOrEqual(before[k]);
  });
});

test("a linear network: both attacks find the worst corner, whose margin is y z - epsilon |w|_1, which is also certified", () => {
  // one unit that is active everywhere
  const weights = Float64Array.of(0.7, -0.3, 0.2);
  const linear = {
    hidden: { rows: 3, columns: 1, values: weights },
    biases: Float64Array.of(100),
    outputs: Float64Array.of(-2),
  };
  const options = { x, y: labels, epsilon: 0.1 };
  const worst = networkOutputs(linear, x).map((z, k) => labels[k] * z - 0.1 * 2 * 1.2);
  for (const moved of [fgsmAttack(linear, options), pgdAttack(linear, options)])
    networkOutputs(linear, moved).forEach((z, k) => {
      expect(labels[k] * z).toBeCloseTo(worst[k], 10);
    });
  certifiedMargins(linear, options).forEach((margin, k) => {
    expect(margin).toBeCloseTo(worst[k], 10);
  });
});

test("no point of a fine grid of the box is below the certified margins", () => {
  const options = { x, y: labels, epsilon: 0.15 };
  const certified = certifiedMargins(network, options);
  for (const i of [-1, -0.5, 0, 0.5, 1])
    for (const j of [-1, 0, 1])
      for (const l of [-1, 0, 1]) {
        const shift = [0.15 * i, 0.15 * j, 0.15 * l];
        const moved = { ...x, values: x.values.map((value, at) => value + shift[at % 3]) };
        margins(moved).forEach((margin, k) => {
          expect(margin).toBeGreaterThanOrEqual(certified[k] - 1e-12);
        });
      }
});

test("squared loss: PGD moves outputs away from targets", () => {
  const before = networkOutputs(network, x).map((z, k) => (z - y[k]) ** 2);
  const after = networkOutputs(network, pgdAttack(network, { x, y, loss: "squared", epsilon: 0.1 }));
  after.forEach((z, k) => {
    expect((z - y[k]) ** 2).toBeGreaterThanOrEqual(before[k]);
  });
});

test("what does not fit is refused", () => {
  const options = { x, y: labels, epsilon: 0.1 };
  expect(() => fgsmAttack(network, { ...options, epsilon: -1 })).toThrow(
    "epsilon must be a non-negative number, got -1",
  );
  expect(() => fgsmAttack(network, { ...options, y })).toThrow("y must be -1 or 1");
  expect(() => pgdAttack(network, { ...options, steps: 0 })).toThrow(
    "steps must be a positive integer, got 0",
  );
  expect(() => pgdAttack(network, { ...options, norm: 2 } as never)).toThrow(
    'pgdAttack has no option "norm"',
  );
  expect(() => certifiedMargins(network, { ...options, perturbed: [true] })).toThrow(
    "perturbed must have 3 entries",
  );
});
