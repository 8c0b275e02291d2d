import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { symmetricEigenvalues } from "../factorize/symmetric-eigenvalues.ts";
import { multiply } from "../multiply.ts";
import { operatorEntries } from "../operator/contract.ts";
import { checkCsr } from "../sparse/build.ts";
import { csrToDense } from "../sparse/csr.ts";
import { gaussianNumbers, largestDifference } from "../test-matrices.ts";
import { diffusionOperator, poissonOperator } from "./diffusion.ts";
import { stencilOperator } from "./stencil.ts";

const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 });
const cellsOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
/** A third of the cells at random, the first one left. */
const obstacles = (shape: readonly number[], seed: number) =>
  Uint8Array.from(gaussianNumbers(seed, cellsOf(shape)), (value, k) => Number(k > 0 && value > 0.43));

test.each([
  ["neumann", (N: number, j: number) => 4 * Math.sin((Math.PI * j) / (2 * N)) ** 2],
  ["dirichlet", (N: number, j: number) => 4 * Math.sin((Math.PI * (j + 1)) / (2 * (N + 1))) ** 2],
] as const)("the eigenvalues with %s sides are those of sines and cosines", (boundary, along) => {
  const shape = [4, 5, 3];
  const expected: number[] = [];
  for (let i = 0; i < 4; i++)
    for (let j = 0; j < 5; j++)
      for (let k = 0; k < 3; k++) expected.push(along(4, i) + along(5, j) + along(3, k));
  const values = symmetricEigenvalues(csrToDense(poissonOperator({ shape, boundary }).toCsr()));
  expected.sort((a, b) => b - a);
  expect(largestDifference(values, Float64Array.from(expected))).toBeLessThan(1e-13);
});

test("products are those of the sparse matrix, with obstacles, whatever stands in their cells", () => {
  fc.assert(
    fc.property(shapes, fc.nat(1000), fc.constantFrom("neumann", "dirichlet"), (shape, seed, boundary) => {
      const solid = obstacles(shape, seed);
      const coefficients = gaussianNumbers(seed + 1, cellsOf(shape)).map((value) => Math.exp(value));
      const x = gaussianNumbers(seed + 2, cellsOf(shape));
      for (const A of [
        poissonOperator({ shape, solid, boundary }),
        diffusionOperator({ shape, solid, boundary, coefficients, spacing: shape.map((_, i) => 1 + i) }),
      ]) {
        const csr = A.toCsr();
        checkCsr(csr);
        const out = new Float64Array(A.cells).fill(7);
        A.apply(x, out);
        expect(largestDifference(out, multiply(csr, x))).toBeLessThan(1e-12);
        solid.forEach((one, k) => {
          if (one === 1) expect(Math.abs(out[k])).toBe(0);
        });
      }
    }),
  );
});

test("a diffusion with coefficient 1 is Poisson's, with another one a multiple of it; faces have harmonic means", async () => {
  const shape = [3, 4];
  const coefficients = new Float64Array(12).fill(2.5);
  for (const boundary of ["neumann", "dirichlet"] as const) {
    const one = await operatorEntries(poissonOperator({ shape, boundary }));
    const other = await operatorEntries(
      diffusionOperator({ shape, boundary, coefficients, spacing: [0.5, 0.5] }),
    );
    expect(
      largestDifference(
        other.values,
        one.values.map((value) => 10 * value),
      ),
    ).toBeLessThan(1e-13);
  }
  const two = diffusionOperator({ shape: [2], coefficients: Float64Array.of(1, 3) });
  expect([...csrToDense(two.toCsr()).values]).toEqual([1.5, -1.5, -1.5, 1.5]);
});

test("a diffusion in other units is the same multiple of the operator, up to the ends of float64", () => {
  const shape = [3, 4];
  const numbers = gaussianNumbers(3, 12).map(Math.exp);
  for (const boundary of ["neumann", "dirichlet"] as const) {
    const inUnits = (unit: number, length = 1) =>
      csrToDense(
        diffusionOperator({
          shape,
          boundary,
          coefficients: numbers.map((value) => unit * value),
          spacing: [length, length],
        }).toCsr(),
      ).values;
    const one = inUnits(1);
    for (const exponent of [-1000, -700, 700, 1000])
      expect(inUnits(2 ** exponent)).toEqual(one.map((value) => value * 2 ** exponent));
    expect(inUnits(2 ** -900, 2 ** -600)).toEqual(one.map((value) => value * 2 ** 300));
    expect(() => inUnits(1, 2 ** 600)).toThrow("numbers of float64, got 0 at index 0");
    expect(() => inUnits(1, 2 ** -600)).toThrow("numbers of float64, got Infinity at index 0");
  }
  const apart = diffusionOperator({ shape: [2], coefficients: Float64Array.of(1e-200, 1e200) });
  expect([...apart.diagonal]).toEqual([2e-200, 2e-200]);
});

test("the projection leaves what has a solution: each part of the domain by itself", () => {
  // a wall of solid cells between the first and the last two columns
  const solid = [0, 1, 0, 0, 0, 1, 0, 0];
  const A = poissonOperator({ shape: [2, 4], solid });
  expect([...A.project(Float64Array.of(1, 9, 2, 3, 3, 9, 4, 7))]).toEqual([-1, 0, -2, -1, 1, 0, 0, 3]);
  const constants = Float64Array.of(5, 0, -2, -2, 5, 0, -2, -2);
  const out = new Float64Array(8);
  A.apply(constants, out);
  expect([...out]).toEqual(new Array(8).fill(0));
  const definite = poissonOperator({ shape: [2, 4], solid, boundary: "dirichlet" });
  expect([...definite.project(Float64Array.of(1, 9, 2, 3, 3, 9, 4, 7))]).toEqual([1, 0, 2, 3, 3, 0, 4, 7]);
});

test("stencils: five points are Poisson's, nine points integrate quadratics exactly, adjoints swap the sides", async () => {
  const shape = [5, 6];
  const five = stencilOperator({ shape, size: [3, 3], weights: [0, -1, 0, -1, 4, -1, 0, -1, 0] });
  expect(five.symmetric).toBe(true);
  const poisson = await operatorEntries(poissonOperator({ shape, boundary: "dirichlet" }));
  expect((await operatorEntries(five)).values).toEqual(poisson.values);
  const nine = stencilOperator({ shape, size: [3, 3], weights: [1, 4, 1, 4, -20, 4, 1, 4, 1] });
  const out = new Float64Array(30);
  nine.apply(
    Float64Array.from({ length: 30 }, (_, k) => Math.floor(k / 6) ** 2 + 3 * (k % 6) ** 2),
    out,
  );
  for (const [i, j] of [
    [1, 1],
    [2, 3],
    [3, 4],
  ])
    expect(out[6 * i + j]).toBe(6 * 8); // 6 h^2 times the Laplacian 2 + 6
  const skew = stencilOperator({ shape: [4, 3, 2], size: [1, 3, 3], weights: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
  expect(skew.symmetric).toBe(false);
  const [x, v] = [gaussianNumbers(1, 24), gaussianNumbers(2, 24)];
  const [Ax, Av] = [new Float64Array(24), new Float64Array(24)];
  skew.apply(x, Ax);
  skew.applyAdjoint?.(v, Av);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  expect(dot(v, Ax)).toBeCloseTo(dot(x, Av), 11);
});

test("refuses shapes, obstacles, coefficients and stencils that do not fit", () => {
  expect(() => poissonOperator({ shape: [2, 0] })).toThrow(
    new ArgumentError("shape[1] must be a positive integer, got 0"),
  );
  expect(() => poissonOperator({ shape: [2, 2, 2, 2] })).toThrow("shape must have 1 to 3 sizes");
  expect(() => poissonOperator({ shape: [2, 2], solid: [0, 1] })).toThrow("each of 2 x 2 = 4 cells, got 2");
  expect(() => poissonOperator({ shape: [2], solid: [0, 2] })).toThrow(
    new DataError("solid must be 0 or 1 for every cell, got 2 at index 1"),
  );
  expect(() => poissonOperator({ shape: [2], solid: [true, true] })).toThrow("solid must leave a cell");
  const boundary = "periodic" as "neumann";
  expect(() => poissonOperator({ shape: [2], boundary })).toThrow("boundary must be");
  const coefficients = Float64Array.of(1, 0);
  expect(() => diffusionOperator({ shape: [2], coefficients })).toThrow("positive, got 0 at index 1");
  expect(diffusionOperator({ shape: [2], coefficients, solid: [0, 1] }).diagonal[0]).toBe(0);
  expect(() => diffusionOperator({ shape: [2], coefficients, spacing: [1, 1] })).toThrow("1 axes, got 2");
  expect(() => diffusionOperator({ shape: [2], coefficients: Float64Array.of(1, Number.NaN) })).toThrow(
    "NaN",
  );
  expect(() => stencilOperator({ shape: [3], size: [2], weights: [1, 1] })).toThrow(
    "odd number for each of 1",
  );
  expect(() => stencilOperator({ shape: [3], size: [3], weights: [1, 1] })).toThrow("weights must have 3");
});
