import fc from "fast-check";
import { expect, test } from "vitest";
import { ConvergenceError } from "../../check/errors.ts";
import { minimumNormPoint, type PointSet } from "./minimum-norm-point.ts";

function pointSet(rows: readonly (readonly number[])[]): PointSet {
  return {
    count: rows.length,
    dimension: rows[0].length,
    products(x, out) {
      rows.forEach((row, i) => {
        out[i] = row.reduce((sum, value, j) => sum + value * x[j], 0);
      });
    },
    point: (i, out) => out.set(rows[i]),
  };
}

test("a single point, a segment seen sideways and a segment seen from its end", () => {
  expect([...minimumNormPoint(pointSet([[3, 4]])).x]).toEqual([3, 4]);
  const sideways = minimumNormPoint(
    pointSet([
      [2, 1],
      [-1, 1],
    ]),
  );
  expect(sideways.norm).toBeCloseTo(1, 14);
  expect(sideways.x[0]).toBeCloseTo(0, 14);
  const end = minimumNormPoint(
    pointSet([
      [5, 1],
      [2, 1],
    ]),
  );
  expect([...end.x]).toEqual([2, 1]);
});

test("the standard simplex in d dimensions has its nearest point at its center", () => {
  for (const d of [2, 7, 30]) {
    const rows = Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => (i === j ? 1 : 0)));
    const { x, norm } = minimumNormPoint(pointSet(rows));
    expect(norm).toBeCloseTo(1 / Math.sqrt(d), 12);
    for (const value of x) expect(value).toBeCloseTo(1 / d, 12);
  }
});

test("copies of a point do no harm", () => {
  const rows = [...Array.from({ length: 50 }, () => [1, 0]), [-1, 1], [-1, 1]];
  expect(minimumNormPoint(pointSet(rows)).norm).toBeCloseTo(1 / Math.sqrt(5), 12);
});

test("a hull that holds the origin gives norm 0", () => {
  const rows = [
    [1, 0],
    [-1, 2],
    [-1, -3],
  ];
  expect(minimumNormPoint(pointSet(rows)).norm).toBeLessThan(1e-8);
  expect(minimumNormPoint(pointSet([[0, 0]])).norm).toBe(0);
});

test("the certificate holds against every point, and no combination is shorter", () => {
  const coordinate = fc.integer({ min: -50, max: 50 });
  const rows = fc
    .integer({ min: 1, max: 5 })
    .chain((d) =>
      fc.array(fc.array(coordinate, { minLength: d, maxLength: d }), { minLength: 1, maxLength: 12 }),
    );
  fc.assert(
    fc.property(rows, fc.infiniteStream(fc.double({ min: 0.01, max: 1, noNaN: true })), (points, stream) => {
      const { x, norm } = minimumNormPoint(pointSet(points));
      const square = norm * norm;
      for (const row of points)
        expect(row.reduce((sum, value, j) => sum + value * x[j], 0)).toBeGreaterThanOrEqual(
          square * (1 - 1e-5) - 1e-5,
        );
      const weights = points.map(() => stream.next().value);
      const total = weights.reduce((a, b) => a + b, 0);
      const mixed = points[0].map((_, j) =>
        points.reduce((sum, row, i) => sum + (weights[i] / total) * row[j], 0),
      );
      expect(Math.hypot(...mixed)).toBeGreaterThanOrEqual(norm * (1 - 1e-5) - 1e-5);
    }),
    { seed: 12, numRuns: 300 },
  );
});

test("says so when it may not finish", () => {
  const rows = [
    [5, 1],
    [-4, 1],
    [1, 3],
  ];
  expect(() => minimumNormPoint(pointSet(rows), { maxCycles: 1 })).toThrow(ConvergenceError);
});
