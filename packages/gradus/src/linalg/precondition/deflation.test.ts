import { expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { symmetricEigen } from "../factorize/symmetric-eigen.ts";
import { poissonOperator } from "../grids/index.ts";
import { conjugateGradient } from "../krylov/conjugate-gradient.ts";
import { denseMatrix } from "../matrix.ts";
import { operatorEntries } from "../operator/contract.ts";
import { diagonalOperator } from "../operator/structured.ts";
import {
  asynchronous,
  gaussianNumbers,
  largestDifference,
  ramp,
  tridiagonalOperator,
} from "../test-matrices.ts";
import { dot, norm2 } from "../vector.ts";
import { deflation } from "./deflation.ts";

const unit = (n: number, i: number) => Float64Array.from({ length: n }, (_, k) => Number(k === i));

/**
 * The recurrence as its authors write it: p = z - Q L^-1 Q^T A z + beta p, here for a single vector q.
 */
function deflatedByRecurrence(
  A: { apply(x: Float64Array, out: Float64Array): unknown },
  b: Float64Array,
  q: Float64Array,
  steps: number,
): number[] {
  const product = (x: Float64Array) => {
    const out = new Float64Array(x.length);
    A.apply(x, out);
    return out;
  };
  const l = dot(q, product(q));
  const project = (z: Float64Array) => {
    const share = dot(q, product(z)) / l;
    return z.map((value, i) => value - share * q[i]);
  };
  let x = q.map((value) => (value * dot(q, b)) / l);
  let r = b.map((value, i) => value - product(x)[i]);
  let p = project(r);
  const norms = [norm2(r)];
  for (let k = 0; k < steps; k++) {
    const Ap = product(p);
    const rr = dot(r, r);
    const alpha = rr / dot(p, Ap);
    x = x.map((value, i) => value + alpha * p[i]);
    r = r.map((value, i) => value - alpha * Ap[i]);
    const beta = dot(r, r) / rr;
    const turned = project(r);
    p = turned.map((value, i) => value + beta * p[i]);
    norms.push(norm2(r));
  }
  return norms;
}

test("conjugate gradients with it follow the recurrence of deflated conjugate gradients", async () => {
  const n = 40;
  const A = tridiagonalOperator(n, -1, 2, -1);
  const q = Float64Array.from({ length: n }, (_, i) => Math.sin((Math.PI * (i + 1)) / (n + 1)));
  const b = gaussianNumbers(2, n);
  const { preconditioner, start } = await deflation(A, [q]);
  const norms: number[] = [];
  for await (const { residualNorm, x, iteration } of conjugateGradient(A, b, {
    preconditioner,
    x0: start(b),
  })) {
    norms.push(residualNorm);
    const image = new Float64Array(n);
    A.apply(x, image);
    expect(Math.abs(dot(q, b) - dot(q, image))).toBeLessThan(1e-12);
    if (iteration === 15) break;
  }
  deflatedByRecurrence(A, b, q, 15).forEach((norm, k) => {
    expect(norms[k] / norm).toBeCloseTo(1, 9);
  });
});

test.each([
  ["synchronous", (A: ReturnType<typeof diagonalOperator>) => A],
  ["asynchronous", asynchronous],
])("eigenvectors taken out leave as many steps as there are other eigenvalues, %s", async (_, wrap) => {
  const n = 30;
  const A = wrap(
    diagonalOperator(Float64Array.from({ length: n }, (_v, i) => (i < 5 ? 1e-3 * (i + 1) : 1 + (i % 3)))),
  );
  const { preconditioner, start } = await deflation(
    A,
    Array.from({ length: 5 }, (_v, i) => unit(n, i)),
  );
  const b = gaussianNumbers(3, n);
  const options = { preconditioner, relativeTolerance: 1e-12 };
  const { iterate } = await solve(conjugateGradient(A, b, { ...options, x0: start(b) }));
  expect(iterate.iteration).toBe(3);
  // from zero the coarse part is one more eigenvalue of B A, 1
  const fromZero = await solve(conjugateGradient(A, b, options));
  expect(fromZero.iterate.iteration).toBeLessThanOrEqual(4);
  expect(largestDifference(fromZero.iterate.x, iterate.x)).toBeLessThan(1e-9);
});

test("B is symmetric and positive definite, with another preconditioner inside as well", async () => {
  const n = 12;
  const A = tridiagonalOperator(n, -1, 2.5, -1);
  const { preconditioner } = await deflation(A, [ramp(n), gaussianNumbers(4, n)], {
    preconditioner: diagonalOperator(Float64Array.from({ length: n }, (_, i) => 1 / (1 + i))),
  });
  const B = await operatorEntries(preconditioner);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) expect(B.values[i * n + j]).toBeCloseTo(B.values[j * n + i], 13);
  expect(symmetricEigen(B).values[n - 1]).toBeGreaterThan(0);
  // B A Q = Q: the vectors are solved for exactly
  const image = new Float64Array(n);
  const back = new Float64Array(n);
  A.apply(ramp(n), image);
  await preconditioner.apply(image, back);
  expect(largestDifference(back, ramp(n))).toBeLessThan(1e-12);
});

test("a singular matrix keeps its compatible systems", async () => {
  const A = poissonOperator({ shape: [8, 8] });
  const b = A.project(gaussianNumbers(5, 64));
  const cosine = Float64Array.from({ length: 64 }, (_, k) => Math.cos((Math.PI * ((k % 8) + 0.5)) / 8));
  const { preconditioner, start } = await deflation(A, [cosine]);
  const { iterate } = await solve(conjugateGradient(A, b, { preconditioner, x0: start(b) }));
  const image = new Float64Array(64);
  A.apply(iterate.x, image);
  expect(largestDifference(image, b)).toBeLessThan(1e-6);
});

test("what does not fit is refused by name", async () => {
  const A = denseMatrix(Float64Array.of(2, -1, -1, 2), 2, 2);
  await expect(deflation(A, [])).rejects.toThrow("vectors must have at least one vector");
  await expect(deflation(A, [new Float64Array(3)])).rejects.toThrow(/vectors\[0\] must have 2/);
  await expect(deflation(A, [Float64Array.of(1, Number.NaN)])).rejects.toThrow(DataError);
  await expect(deflation(A, [Float64Array.of(1, 0), Float64Array.of(2, 0)])).rejects.toThrow(
    /linearly independent .* vectors\[1\] is/,
  );
  await expect(deflation(A, [ramp(2)], { precondition: A } as never)).rejects.toThrow(ArgumentError);
  await expect(
    deflation(A, [ramp(2)], { preconditioner: diagonalOperator(new Float64Array(3)) }),
  ).rejects.toThrow("preconditioner must be of order 2");
});
