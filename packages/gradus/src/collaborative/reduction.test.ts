import { describe, expect, test } from "vitest";
import { randomStream } from "../random/stream.ts";
import { lateNodes } from "./arrival.ts";
import { dirichletPartition } from "./partition.ts";
import { publishedReduction, reductionBound, reductionCoefficients } from "./reduction.ts";

test("the coefficients of models moved by hand", () => {
  const before = [Float64Array.from([-1]), Float64Array.from([1])];
  const after = [Float64Array.from([1]), Float64Array.from([2])];
  expect(reductionCoefficients(before, after)).toEqual({
    alpha: 0.25,
    lambda: 2.25,
    spreadBefore: 1,
    spreadAfter: 0.25,
  });
  expect(() => reductionCoefficients([before[0], before[0]], after)).toThrow(
    "before must have at least two distinct models, got 2 equal ones",
  );
  expect(() => reductionCoefficients(before, [after[0]])).toThrow("2 models");
});

test("the bounds have the values of their formulas", () => {
  expect(reductionBound(26, 2).alpha).toBeCloseTo(0.888, 3);
  expect(reductionBound(200, 5).lambda).toBeCloseTo(0.202, 3);
  expect(reductionBound(30, 0)).toEqual({ constant: 0, alpha: 0, lambda: 0 });
  const { constant, lambda } = reductionBound(200, 5, 40);
  expect(lambda).toBeCloseTo((constant / (1 - constant)) ** 2, 10);
  expect(publishedReduction(60, 5).lambda).toBeCloseTo(9 / 11, 12);
  // 12 f + 1 nodes are enough, 12 f are not.
  for (const f of [1, 2, 5, 10]) expect(reductionBound(12 * f + 1, f).constant).toBeLessThan(1);
  expect(reductionBound(11 * 10, 10).constant).toBeGreaterThan(1);
  expect(() => reductionBound(4, 2)).toThrow("faulty");
});

test("f nodes come late for each receiver, never itself, each about equally often", () => {
  const late = lateNodes({ nodes: 10, faulty: 3, arrival: "worst", seed: 1 });
  const counts = new Float64Array(10);
  for (let step = 0; step < 600; step++)
    late(step, 0).forEach((nodes, receiver) => {
      expect(new Set(nodes).size).toBe(3);
      expect(nodes.includes(receiver)).toBe(false);
      for (const node of nodes) counts[node] += 1;
    });
  expect([...counts.subarray(7)]).toEqual([0, 0, 0]);
  // 600 steps x 7 receivers x 3 late over 7 honest nodes, give or take five standard deviations.
  for (const count of counts.subarray(0, 7)) expect(Math.abs(count - 1800)).toBeLessThan(5 * Math.sqrt(1800));
  expect(late(5, 1)).toEqual(lateNodes({ nodes: 10, faulty: 3, arrival: "worst", seed: 1 })(5, 1));
  const anyone = lateNodes({ nodes: 10, faulty: 3, arrival: "uniform", seed: 1 });
  const seen = new Set(
    Array.from({ length: 50 }, (_, step) => anyone(step, 0).flatMap((l) => [...l])).flat(),
  );
  expect(seen.size).toBe(10);
});

describe("Dirichlet shares", () => {
  const labels = Int32Array.from({ length: 1000 }, (_, i) => i % 10);

  test("have about the rows asked for, none twice within a part, and are uneven for small concentrations", () => {
    const skew = (concentration: number) => {
      const parts = dirichletPartition(labels, { parts: 20, concentration, random: randomStream(3) });
      let total = 0;
      for (const rows of parts) {
        expect(new Set(rows).size).toBe(rows.length);
        // Rounding down loses less than one row a class.
        expect(rows.length).toBeLessThanOrEqual(50);
        const counts = new Float64Array(10);
        for (const row of rows) counts[labels[row]] += 1 / rows.length;
        total += counts.reduce((sum, p) => sum + p * p, 0) / 20;
      }
      return total;
    };
    expect(skew(0.1)).toBeGreaterThan(0.4);
    // E sum p^2 = (alpha + 1)/(10 alpha + 1), and the rounding.
    expect(Math.abs(skew(5) - 6 / 51)).toBeLessThan(0.02);
  });

  test("have classes of the labels that there are, however large", () => {
    const options = { parts: 3, concentration: 1 };
    const parts = (of: readonly number[]) => dirichletPartition(of, { ...options, random: randomStream(2) });
    const small = Array.from({ length: 40 }, (_, row) => (7 * row) % 4);
    const large = small.map((label) => [0, 5, 2 ** 33, 1e300][label]);
    expect(parts(large)).toEqual(parts(small));
  });

  test("name what is wrong", () => {
    const random = randomStream(1);
    expect(() => dirichletPartition(labels, { parts: 2, concentration: 0, random })).toThrow("concentration");
    expect(() => dirichletPartition(labels, { parts: 0, concentration: 1, random })).toThrow("parts");
    expect(() =>
      dirichletPartition(labels, { parts: 2, concentration: 100, samplesPerPart: 1, random }),
    ).toThrow("part 0 has no rows");
    expect(() => dirichletPartition([0, -1], { parts: 1, concentration: 1, random })).toThrow("-1 in row 1");
  });
});
