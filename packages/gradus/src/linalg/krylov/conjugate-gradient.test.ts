import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConvergenceError, DataError } from "../../check/errors.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { cholesky, choleskySolve } from "../factorize/cholesky.ts";
import { poissonOperator } from "../grids/diffusion.ts";
import { denseMatrix } from "../matrix.ts";
import { sumOperators } from "../operator/combine.ts";
import { operatorEntries } from "../operator/contract.ts";
import { matrixOperator } from "../operator/matrix-operator.ts";
import { diagonalOperator, identityOperator } from "../operator/structured.ts";
import {
  asynchronous,
  gaussianNumbers,
  largestDifference,
  ramp,
  tridiagonalOperator,
} from "../test-matrices.ts";
import { dot, norm2 } from "../vector.ts";
import { conjugateGradient } from "./conjugate-gradient.ts";
import { stepToBoundary } from "./truncated-conjugate-gradient.ts";

const n = 50;
const laplacian = tridiagonalOperator(n, -1, 2, -1);

// python3 -c "import numpy as np, scipy.sparse as sp, scipy.sparse.linalg as sl; n = 50; b = np.arange(1, n+1)/n
//   A = sp.diags([-1,2,-1], [-1,0,1], shape=(n,n)).tocsr(); out = []
//   sl.cg(A, b, rtol=1e-10, callback=lambda x: out.append(np.linalg.norm(b - A@x))); print(out[4], out[9], out[19], out[39])"
test("follows scipy's residuals on the second difference", async () => {
  const norms: number[] = [];
  for await (const { residualNorm } of conjugateGradient(laplacian, ramp(n), { relativeTolerance: 1e-10 }))
    norms.push(residualNorm);
  for (const [step, expected] of [
    [5, 14.102499778408083],
    [10, 11.202499721044424],
    [20, 6.402499511909506],
    [40, 0.802496105909497],
  ])
    expect(norms[step] / expected).toBeCloseTo(1, 9);
  expect(norms.length).toBe(51);
});

// with A = A + diag(1 + i/10) and M = diag(1/(1 + i/10)) in the lines above: out[0], out[2], out[5], out[8]
test.each([
  ["synchronous", (A: typeof laplacian) => A],
  ["asynchronous", asynchronous],
])("follows scipy's preconditioned residuals, %s", async (_, wrap) => {
  expect.hasAssertions();
  const shifts = Float64Array.from({ length: n }, (_value, i) => 1 + i / 10);
  const A = wrap(sumOperators(laplacian, diagonalOperator(shifts)));
  const preconditioner = wrap(diagonalOperator(shifts.map((value) => 1 / value)));
  const norms: number[] = [];
  for await (const { residualNorm, x } of conjugateGradient(A, ramp(n), {
    preconditioner,
    relativeTolerance: 1e-10,
  })) {
    norms.push(residualNorm);
    const product = new Float64Array(n);
    await A.apply(x, product);
    expect(largestDifference(product, ramp(n))).toBeLessThanOrEqual(residualNorm * 1.001 + 1e-13);
  }
  for (const [step, expected] of [
    [1, 0.16392785273366284],
    [3, 0.005217434654341958],
    [6, 0.00019098765269044219],
    [9, 6.091031974116187e-6],
  ])
    expect(norms[step] / expected).toBeCloseTo(1, 8);
});

test("ends after as many steps as A has different eigenvalues", async () => {
  const diagonal = Float64Array.from({ length: 30 }, (_, i) => 1 + (i % 4));
  const { iterate } = await solve(
    conjugateGradient(diagonalOperator(diagonal), gaussianNumbers(1, 30), { relativeTolerance: 1e-12 }),
  );
  expect(iterate.iteration).toBe(4);
  expect(iterate.outcome).toBe("converged");
});

test("agrees with a Cholesky factorization; the error's A-norm never grows", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(10_000), fc.integer({ min: 1, max: 15 }), async (seed, order) => {
      const G = matrixOperator(denseMatrix(gaussianNumbers(seed, order * order), order, order));
      const gram = {
        rows: order,
        columns: order,
        symmetric: true,
        apply(x: Float64Array, out: Float64Array) {
          const middle = new Float64Array(order);
          G.apply(x, middle);
          G.applyAdjoint?.(middle, out);
        },
      };
      const A = sumOperators(gram, identityOperator(order));
      const b = gaussianNumbers(seed + 1, order);
      const x0 = gaussianNumbers(seed + 2, order);
      const exact = choleskySolve(cholesky(await operatorEntries(A)), b);
      const energies: number[] = [];
      let x = x0;
      for await (const iterate of conjugateGradient(A, b, { x0, relativeTolerance: 1e-12 })) {
        x = iterate.x;
        const error = x.map((value, i) => value - exact[i]);
        const product = new Float64Array(order);
        A.apply(error, product);
        energies.push(dot(error, product));
      }
      expect(largestDifference(x, exact)).toBeLessThan(1e-9);
      for (let k = 1; k < energies.length; k++)
        expect(energies[k]).toBeLessThanOrEqual(energies[k - 1] * (1 + 1e-10) + 1e-18);
    }),
    { numRuns: 30 },
  );
});

test("resumes bit for bit through text", async () => {
  const options = { relativeTolerance: 1e-10 };
  const whole = await solve(conjugateGradient(laplacian, ramp(n), options));
  const { iterate } = await solve(conjugateGradient(laplacian, ramp(n), options), { maxIterations: 17 });
  const resume = parseCheckpoint(serializeCheckpoint(iterate)) as typeof iterate;
  const resumed = await solve(conjugateGradient(laplacian, ramp(n), { ...options, resume }));
  expect(resumed.iterate.x).toEqual(whole.iterate.x);
  expect(resumed.iterate.iteration).toBe(whole.iterate.iteration);
  expect(resumed.iterate.residualNorm).toBe(whole.iterate.residualNorm);
});

describe("where A is not positive definite", () => {
  const indefinite = diagonalOperator(Float64Array.of(2, 1, -1));

  test("ends with x unchanged and the direction of negative curvature", async () => {
    const b = Float64Array.of(1, 1, 0.1);
    const iterates: { x: Float64Array; outcome?: string; direction: Float64Array; curvature?: number }[] = [];
    for await (const { x, outcome, direction, curvature } of conjugateGradient(indefinite, b))
      iterates.push({ x, outcome, direction, curvature });
    const last = iterates[iterates.length - 1];
    expect(last.outcome).toBe("nonpositive-curvature");
    expect(last.x).toEqual(iterates[iterates.length - 2].x);
    const d = last.direction;
    expect(2 * d[0] ** 2 + d[1] ** 2 - d[2] ** 2).toBeLessThan(0);
    expect((2 * d[0] ** 2 + d[1] ** 2 - d[2] ** 2) / dot(d, d)).toBeCloseTo(last.curvature ?? 0, 14);
  });

  test("a semidefinite system that has solutions is solved, from zeros with the shortest", async () => {
    // path graph: null space of constants
    const A = sumOperators(
      tridiagonalOperator(20, -1, 2, -1),
      diagonalOperator(Float64Array.from({ length: 20 }, (_, i) => (i === 0 || i === 19 ? -1 : 0))),
    );
    const b = Float64Array.from({ length: 20 }, (_, i) => Math.cos((Math.PI * (i + 0.5)) / 20));
    const { iterate } = await solve(conjugateGradient(A, b));
    // cos(pi (i + 1/2) / n) is the eigenvector of 2 - 2 cos(pi / n)
    const eigenvalue = 2 - 2 * Math.cos(Math.PI / 20);
    expect(iterate.outcome).toBe("converged");
    expect(
      largestDifference(
        iterate.x,
        b.map((value) => value / eigenvalue),
      ),
    ).toBeLessThan(1e-10);
  });

  test("a semidefinite system without a solution ends with the null direction, where that is asked for", async () => {
    const { iterate } = await solve(
      conjugateGradient(diagonalOperator(Float64Array.of(3, 2, 1, 0)), Float64Array.of(1, 1, 1, 1), {
        inconsistent: "end",
      }),
      { maxIterations: 50 },
    );
    expect(iterate.outcome).toBe("nonpositive-curvature");
    const unit = iterate.direction.map((value) => value / norm2(iterate.direction));
    expect(Math.abs(unit[3])).toBeCloseTo(1, 6);
  });

  test("a regular matrix with one small negative eigenvalue is not called singular", async () => {
    // the eigenvector of -1e-8 is (1, 1)
    const A = denseMatrix([(1 - 1e-8) / 2, (-1 - 1e-8) / 2, (-1 - 1e-8) / 2, (1 - 1e-8) / 2], 2, 2);
    const { iterate } = await solve(conjugateGradient(A, Float64Array.of(1, 0.3)));
    expect(iterate.outcome).toBe("nonpositive-curvature");
  });

  test("within a trust region x ends on its boundary, lower than the Cauchy point", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(10_000),
        fc.double({ min: 0.1, max: 20, noNaN: true }),
        async (seed, radius) => {
          const diagonal = gaussianNumbers(seed, 12);
          const b = gaussianNumbers(seed + 1, 12);
          const A = diagonalOperator(diagonal);
          const model = (x: Float64Array) =>
            x.reduce((sum, v, i) => sum + (diagonal[i] * v * v) / 2 - b[i] * v, 0);
          const { iterate } = await solve(conjugateGradient(A, b, { radius }), { maxIterations: 100 });
          const length = norm2(iterate.x);
          if (iterate.outcome === "converged") expect(length).toBeLessThanOrEqual(radius * (1 + 1e-12));
          else expect(length).toBeCloseTo(radius, 9);
          const bAb = b.reduce((sum, v, i) => sum + diagonal[i] * v * v, 0);
          const bb = dot(b, b);
          const most = radius / Math.sqrt(bb);
          const cauchy = bAb > 0 ? Math.min(bb / bAb, most) : most;
          expect(model(iterate.x)).toBeLessThanOrEqual(model(b.map((v) => cauchy * v)) + 1e-9);
        },
      ),
    );
  });
});

test("stepToBoundary solves its quadratic without cancellation", () => {
  expect(stepToBoundary(Float64Array.of(0, 0), Float64Array.of(3, 4), 10)).toBe(2);
  const x = Float64Array.of(1e8, 0);
  const radius = Math.sqrt(1e16 + 2);
  // sqrt(1e16 + 2) as a double is 1e8 + 2^-26
  expect(stepToBoundary(x, Float64Array.of(1, 0), radius)).toBeCloseTo(2 ** -26, 22);
  // an x that rounding left outside is on the edge
  expect(stepToBoundary(Float64Array.of(1 + 2 ** -52, 0), Float64Array.of(0, 1), 1)).toBe(0);
  // neither the square of the radius nor that of x overflows or underflows
  for (const size of [1e-300, 1e-200, 1e200, 1e300]) {
    const step = stepToBoundary(Float64Array.of(3 * size, 0), Float64Array.of(0, 2), 5 * size);
    expect(step / size).toBeCloseTo(2, 14);
  }
});

test("refuses what it cannot solve, by name", async () => {
  const b = ramp(n);
  expect(() => conjugateGradient(laplacian, ramp(3))).toThrow("b must have 50 numbers, got 3");
  expect(() =>
    conjugateGradient(
      laplacian,
      b.map((v, i) => (i === 7 ? Number.NaN : v)),
    ),
  ).toThrow("got NaN at index 7");
  expect(() =>
    conjugateGradient(
      laplacian,
      b.map(() => Number.NaN),
    ),
  ).toThrow(DataError);
  expect(() => conjugateGradient(laplacian, b, { relativeTolerance: -1 })).toThrow("relativeTolerance");
  expect(() => conjugateGradient(laplacian, b, { preconditioner: identityOperator(3) })).toThrow("order 50");
  expect(() => conjugateGradient(laplacian, b, { radius: 1, preconditioner: identityOperator(n) })).toThrow(
    "cannot be combined",
  );
  expect(() => conjugateGradient(laplacian, b, { radius: 1, x0: b.map(() => 1) })).toThrow(
    "within radius = 1",
  );
  const negative = diagonalOperator(b.map((v) => -v));
  await expect(solve(conjugateGradient(laplacian, b, { preconditioner: negative }))).rejects.toThrow(
    "preconditioner is not positive definite",
  );
  // one that leaves out unwritten, and a projection that loses a residual: no fault of A
  const lossy = (kept: number) => ({
    rows: n,
    columns: n,
    symmetric: true,
    apply: (x: Float64Array, out: Float64Array) => void out.set(x.map((value, i) => (i < kept ? value : 0))),
  });
  for (const kept of [0, 10])
    await expect(solve(conjugateGradient(laplacian, b, { preconditioner: lossy(kept) }))).rejects.toThrow(
      "preconditioner is not positive definite: r^T M^-1 r = 0",
    );
  const broken = diagonalOperator(b.map(() => Number.NaN));
  await expect(solve(conjugateGradient(broken, b))).rejects.toThrow(ConvergenceError);
});

test("b = 0 is solved by 0 without a step, wherever the method starts", async () => {
  const A = denseMatrix([2, 1, 1, 3], 2, 2);
  for (const scale of [1, 1e-200, 1e200]) {
    const x0 = Float64Array.of(scale, scale);
    const { iterate } = await solve(conjugateGradient(A, new Float64Array(2), { x0 }));
    expect([[...iterate.x], iterate.iteration, iterate.outcome]).toEqual([[0, 0], 0, "converged"]);
  }
});

test("b = 0 is solved by 0 at once", async () => {
  const { iterate } = await solve(conjugateGradient(laplacian, new Float64Array(n)));
  expect(iterate.iteration).toBe(0);
  expect(iterate.x).toEqual(new Float64Array(n));
});

test("with a tolerance of 0 the method ends at the solution, before squares underflow", async () => {
  const n = 20;
  const entries = Float64Array.from({ length: n }, (_, i) => 1 + i);
  const b = Float64Array.from(entries, (value) => Math.sin(value));
  const preconditioner = diagonalOperator(entries.map((value) => 1 / (1 + value)));
  const { compiledConjugateGradients: _, ...grid } = poissonOperator({
    shape: [4, 5],
    boundary: "dirichlet",
  });
  const systems = [
    diagonalOperator(entries),
    poissonOperator({ shape: [4, 5], boundary: "dirichlet" }),
    grid,
  ];
  for (const A of systems)
    for (const more of [{}, { preconditioner }, { radius: 1e3 }])
      for (const size of [1, 1e-200, 1e200]) {
        if (more.radius && size > 1) continue;
        const right = b.map((value) => size * value);
        const method = conjugateGradient(A, right, { relativeTolerance: 0, ...more });
        const { status, iterate } = await solve(method, { maxIterations: 2000 });
        expect([status, iterate.outcome]).toEqual(["converged", "converged"]);
        const product = new Float64Array(n);
        await A.apply(iterate.x, product);
        expect(largestDifference(product, right) / size).toBeLessThan(1e-14);
      }
});
