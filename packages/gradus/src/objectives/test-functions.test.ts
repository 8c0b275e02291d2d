import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { csrFromDense } from "../linalg/sparse/build.ts";
import { randomStream } from "../random/stream.ts";
import { ackley } from "./ackley.ts";
import { canyon } from "./canyon.ts";
import { quadratic } from "./quadratic.ts";
import { rastrigin } from "./rastrigin.ts";
import { rosenbrock } from "./rosenbrock.ts";
import { distance, expectDerivatives } from "./test-support.ts";

const stream = randomStream(4);
const point = (d: number) => stream.fillNormal(new Float64Array(d));

describe.each([
  ["rosenbrock", rosenbrock, 1],
  ["rastrigin", (d: number) => rastrigin(d), 0],
  ["rastrigin with amplitude 2.5", (d: number) => rastrigin(d, { amplitude: 2.5 }), 0],
  ["ackley", ackley, 0],
])("%s", (_, make, minimizer) => {
  test.each([2, 5])("has the derivatives of its value in %i dimensions", async (d) => {
    const objective = make(d);
    for (let trial = 0; trial < 3; trial++) await expectDerivatives(objective, point(d), { tolerance: 1e-6 });
  });

  test("has its minimum 0 where it is known to be, and is larger elsewhere", () => {
    const objective = make(4);
    const x = new Float64Array(4).fill(minimizer);
    expect(objective.valueAndGradient(x)).toEqual({ value: 0, gradient: new Float64Array(4) });
    for (let trial = 0; trial < 100; trial++) expect(objective.value(point(4))).toBeGreaterThan(0);
  });

  test("gives the values of many points at once", () => {
    const objective = make(3);
    const points = stream.fillNormal(new Float64Array(12));
    const single = [0, 3, 6, 9].map((at) => objective.value(points.subarray(at, at + 3)));
    expect(Array.from(objective.values(points))).toEqual(single);
    expect(() => objective.values(points.subarray(1))).toThrow(ArgumentError);
  });

  test("gives the same bits for so many points that they are computed in vectors", () => {
    const objective = make(7);
    const points = stream.fillNormal(new Float64Array(7 * 101)).map((x) => 4 * x);
    const single = Array.from({ length: 101 }, (_, i) => objective.value(points.subarray(7 * i, 7 * i + 7)));
    expect(Array.from(objective.values(points))).toEqual(single);
  });

  test("rejects a dimension that is none", () => {
    expect(() => make(0.5)).toThrow("dimension must be an integer");
  });
});

test("rosenbrock has the textbook numbers at the classical start (-1.2, 1)", () => {
  const x = Float64Array.of(-1.2, 1);
  const f = rosenbrock();
  expect(f.value(x)).toBeCloseTo(24.2, 12);
  expect(distance(f.gradient(x), [-215.6, -88])).toBeLessThan(1e-11);
  expect(distance(f.hessian(x).values, [1330, 480, 480, 200])).toBeLessThan(1e-11);
});

test("rastrigin and ackley have published values", () => {
  // the largest value on [-5.12, 5.12], at 4.52299366...
  expect(rastrigin(1).value(Float64Array.of(4.52299366))).toBeCloseTo(40.35329019, 7);
  expect(rastrigin(3).value(Float64Array.of(1, 2, 3))).toBeCloseTo(14, 12);
  expect(ackley(2).value(Float64Array.of(1, 1))).toBeCloseTo(3.625384938440363, 12);
});

describe("canyon", () => {
  test("has the derivatives of its value, on either side of the step", async () => {
    for (const [p, q] of [
      [2, 2.5],
      [-1, 0.3],
      [-1.2, 0.4],
      [0.4, 0.2],
      [5, 1],
      [-0.5, -0.9],
    ])
      await expectDerivatives(canyon(), Float64Array.of(p, q), { tolerance: 1e-6 });
    await expectDerivatives(canyon({ waves: 0.25 }), Float64Array.of(-0.3, 0.1), { tolerance: 1e-6 });
  });

  test("has its minimum 0 at 0 and the published value at (8, 8)", () => {
    const f = canyon();
    expect(f.value(new Float64Array(2))).toBe(0);
    // a = -8: the walls have faded to 25 (1 - exp(-89.6 exp(-8.192))); the waves are at a trough
    expect(f.value(Float64Array.of(8, 8))).toBeCloseTo(39.0125, 4);
    for (let trial = 0; trial < 200; trial++) expect(f.value(point(2))).toBeGreaterThan(0);
  });

  test("steps up by 4 e (1 - exp(-9 s^2)) across the floor of the valley", () => {
    // On the floor, a = 0, at p = 0: q = -2 + 2 = 0; off it the step falls by exp(-2 a^4).
    const f = canyon({ waves: 0 });
    const [p, q] = [-0.5, -0.5];
    const a = q - ((p - 1) * (p - 4) ** 2) / 8 - 2;
    const s = -p - 1.6 * q;
    const step = 4 * Math.exp(1 - 2 * a ** 4) * (1 - Math.exp(-9 * s ** 2));
    const walls = 25 * (1 - Math.exp(-1.4 * a ** 2 * Math.exp(-0.002 * p ** 4)));
    expect(f.value(Float64Array.of(p, q))).toBeCloseTo(walls + 0.4 * p * p + 0.2 * q * q + step, 12);
  });

  test("rejects waves below 0", () => {
    expect(() => canyon({ waves: -1 })).toThrow("waves must be a non-negative number, got -1");
  });
});

test("ackley keeps its digits near the minimum", () => {
  // 4 ||x|| / sqrt(d) to first order
  const x = Float64Array.of(3e-13, 4e-13);
  expect(ackley(2).value(x) / ((4 * 5e-13) / Math.SQRT2)).toBeCloseTo(1, 10);
});

test("rastrigin rejects an amplitude below 0", () => {
  expect(() => rastrigin(2, { amplitude: -1 })).toThrow("amplitude must be a non-negative number, got -1");
});

describe("quadratic", () => {
  const A = { rows: 3, columns: 3, values: Float64Array.of(4, 1, 0, 1, 3, -1, 0, -1, 2) };
  const c = [1, 2, 3];

  test("has the derivatives of its value, dense and sparse", async () => {
    await expectDerivatives(quadratic(A, c, { constant: 5 }), point(3));
    await expectDerivatives(quadratic(csrFromDense(denseMatrix(A.values, 3, 3)), c), point(3));
  });

  test("is least where A x = c", () => {
    // x = (-1/9, 13/9, 20/9) solves A x = (1, 2, 3): checked by hand
    const x = Float64Array.of(-1 / 9, 13 / 9, 20 / 9);
    const f = quadratic(A, c);
    expect(distance(f.gradient(x), [0, 0, 0])).toBeLessThan(1e-15);
    expect(f.value(x)).toBeCloseTo(-(-1 / 9 + 26 / 9 + 60 / 9) / 2, 14);
    expect(f.hessian(x)).toEqual(denseMatrix(A.values, 3, 3));
    f.hessian(x).values.fill(0);
    expect(A.values[0]).toBe(4);
  });

  test("rejects matrices that are not square and symmetric", () => {
    expect(() => quadratic({ rows: 2, columns: 2, values: Float64Array.of(1, 2, 3, 4) })).toThrow(DataError);
    expect(() => quadratic({ rows: 1, columns: 2, values: Float64Array.of(1, 2) })).toThrow(
      "A must be square",
    );
    expect(() => quadratic(A, [1, 2])).toThrow(ArgumentError);
  });
});
