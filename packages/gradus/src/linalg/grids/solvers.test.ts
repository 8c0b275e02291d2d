import { expect, test } from "vitest";
import { DataError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { symmetricEigenvalues } from "../factorize/symmetric-eigenvalues.ts";
import { conjugateGradient } from "../krylov/conjugate-gradient.ts";
import { operatorEntries } from "../operator/contract.ts";
import { gaussianNumbers, largestDifference } from "../test-matrices.ts";
import { norm2 } from "../vector.ts";
import type { GridOperator } from "./contract.ts";
import { diffusionOperator, poissonOperator } from "./diffusion.ts";
import { multigridPreconditioner } from "./multigrid.ts";

/** A disk around the middle. */
function disk(N: number, dimension: number): Uint8Array {
  return Uint8Array.from({ length: N ** dimension }, (_, k) => {
    let [rest, squares] = [k, 0];
    for (let axis = 0; axis < dimension; axis++) {
      squares += (((rest % N) + 0.5) / N - 0.5) ** 2;
      rest = Math.floor(rest / N);
    }
    return Number(squares < 0.2 ** 2);
  });
}

/** The same operator by its products alone. */
const plain = ({ rows, columns, symmetric, apply }: GridOperator) => ({ rows, columns, symmetric, apply });

test.each(["neumann", "dirichlet"] as const)(
  "conjugate gradients in WebAssembly take the steps that those on arrays take, with %s sides",
  async (boundary) => {
    const A = poissonOperator({ shape: [9, 14], solid: disk(14, 2).subarray(0, 126), boundary });
    const b = A.project(gaussianNumbers(3, A.cells));
    const [compiled, arrays] = await Promise.all(
      [A, plain(A)].map((one) => solve(conjugateGradient(one, b, { relativeTolerance: 1e-10 }))),
    );
    expect(compiled.iterate.iteration).toBe(arrays.iterate.iteration);
    expect(compiled.iterate.outcome).toBe("converged");
    expect(largestDifference(compiled.iterate.x, arrays.iterate.x)).toBeLessThan(1e-8);
    const product = new Float64Array(A.cells);
    A.apply(compiled.iterate.x, product);
    expect(largestDifference(product, b)).toBeLessThan(1e-9 * norm2(b));
  },
);

test("they start at x0 and resume bit for bit", async () => {
  const A = poissonOperator({ shape: [6, 7, 5] });
  const b = A.project(gaussianNumbers(1, A.cells));
  const options = { x0: gaussianNumbers(2, A.cells), relativeTolerance: 1e-9 };
  const whole = await solve(conjugateGradient(A, b, options));
  const part = await solve(conjugateGradient(A, b, options), { maxIterations: 7 });
  const resumed = await solve(conjugateGradient(A, b, { ...options, resume: part.iterate }));
  expect(resumed.iterate.iteration).toBe(whole.iterate.iteration);
  expect(resumed.iterate.x).toEqual(whole.iterate.x);
  expect(resumed.iterate.residualNorm).toBe(whole.iterate.residualNorm);
});

test("x and direction are those of the state, whichever is read first", async () => {
  expect.hasAssertions();
  const A = poissonOperator({ shape: [6, 7] });
  const b = A.project(gaussianNumbers(1, A.cells));
  const seen: Float64Array[] = [];
  for await (const iterate of conjugateGradient(A, b, { relativeTolerance: 1e-9 })) {
    if (iterate.iteration % 2 === 0) expect(iterate.x).toEqual(iterate.state.x);
    else expect(iterate.state.direction).toEqual(iterate.direction);
    seen.push(iterate.x);
  }
  // a copy that was handed out stays as it was
  for (const [k, x] of seen.entries()) {
    const { iterate } = await solve(conjugateGradient(A, b, { relativeTolerance: 1e-9 }), {
      maxIterations: k,
    });
    expect(x).toEqual(iterate.x);
  }
});

test("a right-hand side without a solution is refused, with what to do", async () => {
  const A = poissonOperator({ shape: [4, 4] });
  const b = new Float64Array(16).fill(1);
  expect(() => conjugateGradient(A, b)).toThrow(
    new DataError("b has no solution: 4 of ||b|| = 4 lie in the null space of A; solve for A.project(b)"),
  );
  const solid = Uint8Array.from({ length: 16 }, (_, k) => Number(k === 5));
  const inObstacle = new Float64Array(16);
  inObstacle[5] = 1;
  expect(() =>
    conjugateGradient(poissonOperator({ shape: [4, 4], solid, boundary: "dirichlet" }), inObstacle),
  ).toThrow(DataError);
});

test("a multigrid cycle is symmetric, and positive definite where the matrix is", async () => {
  const A = poissonOperator({ shape: [5, 8], solid: disk(8, 2).subarray(0, 40), boundary: "dirichlet" });
  const entries = await operatorEntries(multigridPreconditioner(A, { sweeps: 2, corrections: 2 }));
  const { values, rows: n } = entries;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) expect(Math.abs(values[i * n + j] - values[j * n + i])).toBeLessThan(1e-14);
  const spectrum = symmetricEigenvalues(entries);
  const cells = A.active.reduce((sum, one) => sum + one, 0);
  expect(spectrum[cells - 1]).toBeGreaterThan(0.05);
});

test.each([
  ["a box", 2, [32, 64, 128], false],
  ["a disk", 2, [32, 64, 128], true],
  ["a ball", 3, [8, 16, 32], true],
] as const)(
  "with multigrid, iterations hardly depend on the size: %s in %i dimensions",
  async (_, dimension, sizes, solid) => {
    const counts: number[] = [];
    for (const N of sizes) {
      const A = poissonOperator({
        shape: new Array<number>(dimension).fill(N),
        solid: solid ? disk(N, dimension) : undefined,
      });
      const b = A.project(gaussianNumbers(N, A.cells));
      const { iterate } = await solve(
        conjugateGradient(A, b, { relativeTolerance: 1e-8, preconditioner: multigridPreconditioner(A) }),
      );
      expect(iterate.outcome).toBe("converged");
      counts.push(iterate.iteration);
    }
    // conjugate gradients alone double theirs from size to size
    expect(Math.max(...counts)).toBeLessThanOrEqual(20);
    expect(counts[2] - counts[0]).toBeLessThanOrEqual(5);
  },
);

test("with coefficients over four decades multigrid still needs a fraction of Jacobi's iterations", async () => {
  const N = 48;
  const coefficients = gaussianNumbers(4, N * N).map((value) => 10 ** Math.max(-2, Math.min(2, value)));
  const A = diffusionOperator({ shape: [N, N], coefficients });
  const b = A.project(gaussianNumbers(5, N * N));
  const plainRun = await solve(conjugateGradient(A, b));
  const multigrid = await solve(conjugateGradient(A, b, { preconditioner: multigridPreconditioner(A) }));
  expect(multigrid.iterate.iteration).toBeLessThan(plainRun.iterate.iteration / 6);
  expect(multigrid.iterate.outcome).toBe("converged");
});

test("multigrid refuses what is no operator on a grid", () => {
  const A = poissonOperator({ shape: [4, 4], boundary: "dirichlet" });
  // @ts-expect-error: a matrix has no grid
  expect(() => multigridPreconditioner(A.toCsr())).toThrow("A must be an operator on a grid");
});
