import { expect, test } from "vitest";
import { ArgumentError, ConvergenceError, DataError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { cholesky, choleskySolve } from "../../linalg/factorize/cholesky.ts";
import { poissonOperator } from "../../linalg/grids/diffusion.ts";
import { multigridPreconditioner } from "../../linalg/grids/multigrid.ts";
import { conjugateGradient } from "../../linalg/krylov/conjugate-gradient.ts";
import { type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import { multiply } from "../../linalg/multiply.ts";
import { identityOperator } from "../../linalg/operator/structured.ts";
import { gaussianNumbers, largestDifference } from "../../linalg/test-matrices.ts";
import { axpy, dot } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import { type ConjugateDirectionsOptions, conjugateDirections } from "./conjugate-directions.ts";
import type { DirectionSource } from "./direction.ts";

const n = 30;

/** Q diag Q^T with condition number 1000. */
function definite(seed: number): DenseMatrix {
  const { values: Q } = randomStream(seed).orthogonal(n);
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++) values[i * n + j] += Q[i * n + k] * 1e3 ** (k / (n - 1)) * Q[j * n + k];
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) values[j * n + i] = values[i * n + j];
  return denseMatrix(values, n, n);
}

/** A fixed nonlinear map: a sine of random sums of the residual, plus a tenth of it. */
function nonlinear(seed: number): DirectionSource {
  const W = denseMatrix(gaussianNumbers(seed, n * n), n, n);
  return {
    apply(r, out) {
      multiply(W, r, out);
      for (let i = 0; i < n; i++) out[i] = Math.sin(3 * out[i]) + 0.1 * r[i];
    },
  };
}

async function path(
  A: DenseMatrix,
  b: Float64Array,
  source: DirectionSource,
  options: ConjugateDirectionsOptions,
  most: number,
) {
  const norms: number[] = [];
  const errors: number[] = [];
  const drops: number[] = [];
  const exact = choleskySolve(cholesky(A), b);
  const { iterate } = await solve(conjugateDirections(A, b, source, { relativeTolerance: 0, ...options }), {
    maxIterations: most,
    onIterate(one) {
      norms.push(one.residualNorm);
      if (one.energyDrop !== undefined) drops.push(one.energyDrop);
      const e = one.x.map((value, i) => value - exact[i]);
      errors.push(dot(e, multiply(A, e)));
    },
  });
  return { norms, errors, drops, iterate };
}

test.each([1, 2, 3])(
  "the energy of the error never grows, and drops by what the step says (matrix %i)",
  async (seed) => {
    const A = definite(seed);
    const b = gaussianNumbers(seed + 10, n);
    for (const stored of [0, 1, 2, 8] as const) {
      const { errors, drops } = await path(A, b, nonlinear(seed + 20), { stored }, 40);
      for (let k = 1; k < errors.length; k++) {
        expect(errors[k]).toBeLessThanOrEqual(errors[k - 1] * (1 + 1e-10));
        expect(Math.abs(errors[k - 1] - errors[k] - drops[k - 1])).toBeLessThan(1e-8 * errors[0]);
      }
    }
  },
);

test("with the identity, and with a preconditioner, they are conjugate gradients", async () => {
  const A = definite(4);
  const b = gaussianNumbers(5, n);
  const preconditioner = {
    ...identityOperator(n),
    apply: (x: Float64Array, out: Float64Array) => {
      for (let i = 0; i < n; i++) out[i] = x[i] / A.values[i * (n + 1)];
    },
  };
  for (const M of [undefined, preconditioner]) {
    const expected: number[] = [];
    await solve(conjugateGradient(A, b, { relativeTolerance: 0, preconditioner: M }), {
      maxIterations: 10,
      onIterate: ({ residualNorm }) => expected.push(residualNorm),
    });
    for (const residual of ["true", "recursive"] as const) {
      const { norms } = await path(A, b, M ?? identityOperator(n), { residual }, 10);
      norms.forEach((norm, k) => {
        expect(Math.abs(norm / expected[k] - 1)).toBeLessThan(1e-8);
      });
    }
  }
});

test("with the inverse they end in one step, whatever scale and sign", async () => {
  const A = definite(6);
  const factor = cholesky(A);
  const source: DirectionSource = { apply: (r, out) => out.set(choleskySolve(factor, r).map((v) => -7 * v)) };
  const { iterate } = await solve(
    conjugateDirections(A, gaussianNumbers(7, n), source, { relativeTolerance: 1e-10 }),
  );
  expect(iterate).toMatchObject({ iteration: 1, outcome: "converged" });
});

test("all directions stored, in two passes or by modified Gram-Schmidt, end within n steps", async () => {
  for (const seed of [1, 2, 3]) {
    const A = definite(seed);
    const b = gaussianNumbers(seed, n);
    for (const options of [{ passes: 2 }, { passes: 2, orthogonalization: "modified" }] as const) {
      const { norms } = await path(A, b, nonlinear(seed), { stored: "all", ...options }, n);
      expect(Math.min(...norms) / norms[0]).toBeLessThan(1e-8);
    }
  }
});

test("a direction in the null space is replaced by the residual, and what A ignores does no harm", async () => {
  const solid = Uint8Array.from({ length: 36 }, (_, k) => Number(k === 14));
  const A = poissonOperator({ shape: [6, 6], solid });
  const b = A.project(gaussianNumbers(8, 36));
  let calls = 0;
  const source: DirectionSource = {
    apply(r, out) {
      calls += 1;
      for (let k = 0; k < 36; k++) out[k] = calls === 2 ? 1 : r[k] + 5 + 100 * solid[k];
    },
  };
  const { iterate } = await solve(conjugateDirections(A, b, source, { stored: 8, passes: 2 }));
  expect(iterate.outcome).toBe("converged");
  expect(iterate.fallbacks).toBe(1);
  const product = new Float64Array(36);
  A.apply(iterate.x, product);
  expect(largestDifference(product, b)).toBeLessThan(1e-7);
});

test("a source that works is never abandoned, though its residuals rise first", async () => {
  const solid = Uint8Array.from({ length: 64 * 64 }, (_, k) => Number(k % 64 === 32 && k >> 6 > 3));
  const A = poissonOperator({ shape: [64, 64], solid });
  const b = A.project(
    Float64Array.from({ length: 64 * 64 }, (_, k) => Number(k % 64 < 8) - Number(k % 64 > 55)),
  );
  const plain = await solve(conjugateGradient(A, b));
  const same = await solve(conjugateDirections(A, b, identityOperator(64 * 64)));
  expect(same.iterate).toMatchObject({ fallbacks: 0, abandoned: false, outcome: "converged" });
  expect(Math.abs(same.iterate.iteration - plain.iterate.iteration)).toBeLessThanOrEqual(2);
});

test("a multigrid cycle as the source takes its iterations of conjugate gradients", async () => {
  const A = poissonOperator({ shape: [32, 32] });
  const b = A.project(gaussianNumbers(9, 1024));
  const M = multigridPreconditioner(A);
  const one = await solve(conjugateDirections(A, b, M));
  const other = await solve(conjugateGradient(A, b, { preconditioner: M }));
  expect(one.iterate.iteration).toBe(other.iterate.iteration);
});

test("resumes bit for bit", async () => {
  const A = definite(5);
  const b = gaussianNumbers(6, n);
  const source = nonlinear(7);
  for (const stored of [2, "all"] as const) {
    const whole = await solve(conjugateDirections(A, b, source, { stored }), { maxIterations: 25 });
    const part = await solve(conjugateDirections(A, b, source, { stored }), { maxIterations: 11 });
    const resumed = await solve(conjugateDirections(A, b, source, { stored, resume: part.iterate }), {
      maxIterations: 25,
    });
    expect(resumed.iterate.x).toEqual(whole.iterate.x);
    expect(resumed.iterate.residualNorm).toBe(whole.iterate.residualNorm);
  }
});

test("a source that leads nowhere is abandoned for the residual; the method goes on as conjugate gradients", async () => {
  const A = definite(1);
  const b = gaussianNumbers(2, n);
  const stream = randomStream(3);
  const source: DirectionSource = {
    apply(r, out) {
      stream.fillNormal(out);
      axpy(-dot(out, r), r, out); // orthogonal to r
    },
  };
  const { iterate } = await solve(conjugateDirections(A, b, source), { maxIterations: 500 });
  expect(iterate).toMatchObject({ outcome: "converged", abandoned: true });
  expect(iterate.iteration - iterate.fallbacks).toBeLessThan(60);
});

test.each([0.01, 1])(
  "a singular matrix that does not know its range refuses a b outside it: %d",
  async (share) => {
    const poisson = poissonOperator({ shape: [32, 32] });
    const A = poisson.toCsr();
    const inside = poisson.project(gaussianNumbers(3, 1024));
    const b = inside.map((value) => value + share);
    const noisy: DirectionSource = {
      apply(r, out) {
        for (let i = 0; i < out.length; i++) out[i] = r[i] + 0.2 * Math.sin(40 * r[i]);
      },
    };
    const limit = { maxIterations: 2000 };
    for (const source of [identityOperator(1024), multigridPreconditioner(poisson), noisy]) {
      const error = await solve(conjugateDirections(A, b, source), limit).catch((e) => e);
      expect(error).toBeInstanceOf(DataError);
      // the least residual is the mean's, whose length is 32 share
      const least = Number(/\|\|d\|\| = (\S+) for every x/.exec(String(error))?.[1]);
      expect(least / (32 * share)).toBeCloseTo(1, 3);
      const { iterate } = await solve(conjugateDirections(A, inside, source), limit);
      expect(iterate.outcome).toBe("converged");
    }
    const small = denseMatrix(Float64Array.of(1, 0, 0, 0), 2, 2);
    const method = conjugateDirections(small, Float64Array.of(1, 1), identityOperator(2));
    await expect(solve(method)).rejects.toThrow("A x = b has no solution");
  },
);

test.each(["true", "recursive"] as const)(
  "a tolerance below rounding ends as stagnated, at the residual of a direct solution (%s residual)",
  async (residual) => {
    const A = definite(6);
    const b = gaussianNumbers(7, n);
    const direct = multiply(A, choleskySolve(cholesky(A), b)).map((value, i) => b[i] - value);
    for (const source of [identityOperator(n), nonlinear(8)]) {
      const { iterate } = await path(A, b, source, { residual }, 2000);
      expect(iterate.outcome).toBe("stagnated");
      const left = multiply(A, iterate.x).map((value, i) => b[i] - value);
      expect(Math.sqrt(dot(left, left))).toBeLessThan(20 * Math.sqrt(dot(direct, direct)));
    }
    const { iterate } = await path(A, b, identityOperator(n), { residual, relativeTolerance: 1e-12 }, 2000);
    expect(iterate.outcome).toBe("converged");
  },
);

test("names what does not fit, and what appears on the way", async () => {
  const A = definite(1);
  const b = gaussianNumbers(1, n);
  const identity = identityOperator(n);
  expect(() => conjugateDirections(A, b.subarray(1), identity)).toThrow("b must have 30 numbers, got 29");
  expect(() => conjugateDirections(A, b.with(3, Number.NaN), identity)).toThrow(DataError);
  expect(() => conjugateDirections(A, b, identity, { stored: -1 })).toThrow(
    "stored must be a non-negative integer",
  );
  expect(() => conjugateDirections(A, b, identity, { passes: 3 as 2 })).toThrow("passes must be 1 or 2");
  expect(() => conjugateDirections(A, b, {} as DirectionSource)).toThrow(ArgumentError);
  const poisson = poissonOperator({ shape: [4, 4] });
  expect(() => conjugateDirections(poisson, new Float64Array(16).fill(1), identityOperator(16))).toThrow(
    "A.project(b)",
  );
  const skew = denseMatrix(Float64Array.of(1, 2, 0, 1), 2, 2);
  expect(() => conjugateDirections(skew, Float64Array.of(1, 1), identityOperator(2))).toThrow("symmetric");
  const nan: DirectionSource = { apply: (r, out) => out.set(r.map((v, i) => (i === 5 ? Number.NaN : v))) };
  await expect(solve(conjugateDirections(A, b, nan))).rejects.toThrow(
    new ConvergenceError("the direction of iteration 0 is not finite: NaN at index 5"),
  );
  const indefinite = denseMatrix(Float64Array.of(1, 0, 0, -1), 2, 2);
  await expect(
    solve(conjugateDirections(indefinite, Float64Array.of(0.1, 1), identityOperator(2))),
  ).rejects.toThrow(
    /A is not positive semidefinite: d\^T A d = -0\.98\d+ along the direction d of iteration 0/,
  );
});

test("b = 0 is solved by 0 without a step, wherever the method starts", async () => {
  const options = { x0: Float64Array.from({ length: n }, (_, i) => i - 3) };
  const { iterate } = await solve(
    conjugateDirections(definite(1), new Float64Array(n), nonlinear(2), options),
  );
  expect([iterate.x.every((entry) => entry === 0), iterate.iteration, iterate.outcome]).toEqual([
    true,
    0,
    "converged",
  ]);
});
