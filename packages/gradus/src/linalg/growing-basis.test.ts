import { expect, test } from "vitest";
import { randomStream } from "../random/stream.ts";
import { GrowingBasis } from "./growing-basis.ts";
import { orthogonalize } from "./orthogonalize.ts";
import { dot, norm2 } from "./vector.ts";

function orthonormal(count: number, length: number, seed: number): Float64Array[] {
  const stream = randomStream(seed);
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const v = stream.fillNormal(new Float64Array(length));
    orthogonalize(v, basis);
    const size = norm2(v);
    basis.push(v.map((value) => value / size));
  }
  return basis;
}

/** The most that a vector made orthogonal has of the basis, as a share of what came in. */
function left(growing: GrowingBasis, basis: readonly Float64Array[], v: Float64Array): number {
  const before = norm2(v);
  growing.orthogonalize(v, basis);
  return Math.max(...basis.map((q) => Math.abs(dot(q, v)))) / before;
}

test.each([10, 63, 64, 700])("a basis of vectors of %d numbers grows, and is changed for another", (n) => {
  const count = Math.min(n, 40) - 2;
  const [one, other] = [orthonormal(count, n, 1), orthonormal(count, n, 2)];
  using growing = new GrowingBasis(n);
  const stream = randomStream(3);
  const next = () => stream.fillNormal(new Float64Array(n));
  for (let j = 1; j <= count; j++) expect(left(growing, one.slice(0, j), next())).toBeLessThan(1e-14);
  expect(left(growing, [...one.slice(0, 3), ...other.slice(3, 5)], next())).toBeLessThan(1);
  for (let j = 1; j <= count; j++) expect(left(growing, other.slice(0, j), next())).toBeLessThan(1e-14);
  growing.release();
  expect(left(growing, other, next())).toBeLessThan(1e-14);
});

test.each([63, 64])("vectors of %d numbers: coefficients of vectors to come are 0", (n) => {
  const basis = orthonormal(5, n, 1);
  using growing = new GrowingBasis(n);
  const v = randomStream(2).fillNormal(new Float64Array(n));
  const exact = basis.map((q) => dot(q, v));
  const coefficients = new Float64Array(9).fill(7);
  growing.orthogonalize(v, basis, coefficients);
  for (const [j, value] of coefficients.entries()) expect(value).toBeCloseTo(exact[j] ?? 0, 13);
});

test("what nearly lies in the space is made orthogonal twice, with the coefficients of what came in", () => {
  const n = 200;
  const basis = orthonormal(20, n, 1);
  using growing = new GrowingBasis(n);
  const v = Float64Array.from({ length: n }, (_, i) => basis.reduce((sum, q, j) => sum + (j + 1) * q[i], 0));
  v[0] += 1e-6;
  const exact = basis.map((q) => dot(q, v));
  const coefficients = new Float64Array(basis.length).fill(7);
  growing.orthogonalize(v, basis, coefficients);
  const length = norm2(v);
  expect(length).toBeLessThan(1.1e-6);
  for (const q of basis) expect(Math.abs(dot(q, v))).toBeLessThan(1e-14 * length);
  for (const [j, value] of coefficients.entries()) expect(value).toBeCloseTo(exact[j], 10);
});
