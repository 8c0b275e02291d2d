import { describe, expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { csrFromDense } from "../../linalg/sparse/build.ts";
import { gaussianNumbers, largestDifference } from "../../linalg/test-matrices.ts";
import { blockCoordinateDescent } from "./block-coordinate-descent.ts";
import { blockLeastSquares } from "./problems/least-squares.ts";
import { blockQuadratic } from "./problems/quadratic.ts";

/** A path's Laplacian: positive semidefinite, with the constants in its null space. */
function laplacian(n: number) {
  const values = new Float64Array(n * n);
  for (let i = 0; i + 1 < n; i++)
    for (const [a, b] of [
      [i, i + 1],
      [i + 1, i],
    ]) {
      values[a * n + a] += 1;
      values[a * n + b] -= 1;
    }
  return denseMatrix(values, n, n);
}

describe("positive semidefinite quadratics", () => {
  test("[[1, 1], [1, 1]] is minimized by the default update", async () => {
    const A = denseMatrix([1, 1, 1, 1], 2, 2);
    const { x, value, status } = await blockCoordinateDescent(blockQuadratic(csrFromDense(A), [2, 2]));
    expect(status).toBe("converged");
    expect(x[0] + x[1]).toBeCloseTo(2, 12);
    expect(value).toBeCloseTo(-2, 12);
  });

  test.each(["forest", "gsd", "cyclic"] as const)("a Laplacian is solved by %s", async (select) => {
    const n = 12;
    // c sums to 0, so that it is in the range
    const c = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const A = laplacian(n);
    const { x, status } = await blockCoordinateDescent(blockQuadratic(A, c), { select });
    expect(status).toBe("converged");
    for (let i = 0; i < n; i++) {
      let product = 0;
      for (let j = 0; j < n; j++) product += A.values[i * n + j] * x[j];
      expect(product).toBeCloseTo(c[i], 6);
    }
  });

  test("c outside the range of A has no minimum, and the status says so", async () => {
    const slope = blockQuadratic(denseMatrix([1, 1, 1, 1], 2, 2), [1e6, -1e6]);
    const options = { blockSize: 1, select: "cyclic", partition: "order" } as const;
    const short = await blockCoordinateDescent(slope, { ...options, maxIterations: 100 });
    expect(short.status).toBe("max-iterations");
    const steep = blockQuadratic(denseMatrix([1e-12, 1e-12, 1e-12, 1e-12], 2, 2), [1e6, -1e6]);
    const long = await blockCoordinateDescent(steep, { ...options, maxIterations: 1000 });
    expect(long.status).toBe("unbounded");
    expect(long.value).toBeLessThan(-1e20);
  });

  test("an indefinite block still is an error", async () => {
    const A = denseMatrix([1, 2, 2, 1], 2, 2);
    await expect(blockCoordinateDescent(blockQuadratic(A, [1, 0]))).rejects.toThrow(
      "block not positive definite",
    );
  });
});

test("blockQuadratic takes dense and sparse matrices, and says what else it was given", async () => {
  const A = denseMatrix([4, 1, 1, 3], 2, 2);
  const dense = await blockCoordinateDescent(blockQuadratic(A, [1, 2]));
  const sparse = await blockCoordinateDescent(blockQuadratic(csrFromDense(A), [1, 2]));
  expect(dense.x).toEqual(sparse.x);
  expect(largestDifference(dense.x, [1 / 11, 7 / 11])).toBeLessThan(1e-8);
  expect(() => blockQuadratic(denseMatrix(new Float64Array(6), 2, 3), [1, 2])).toThrow("A must be square");
});

test("least squares is the same from dense and sparse columns", async () => {
  const [rows, columns] = [30, 6];
  const A = denseMatrix(gaussianNumbers(1, rows * columns), rows, columns);
  const c = gaussianNumbers(2, rows);
  const dense = blockLeastSquares(A, c);
  const sparse = blockLeastSquares(csrFromDense(A), c);
  expect(dense.lipschitz).toEqual(sparse.lipschitz);
  const [one, other] = [await blockCoordinateDescent(dense), await blockCoordinateDescent(sparse)];
  expect(one.x).toEqual(other.x);
});

test("both scores of forests converge, by different forests", async () => {
  const n = 9;
  const values = laplacian(n).values.map((value, k) => value + (k % (n + 1) === 0 ? 1 + 10 * (k % 7) : 0));
  const c = gaussianNumbers(3, n);
  const problem = blockQuadratic(denseMatrix(values, n, n), c);
  const scaled = await blockCoordinateDescent(problem, { select: "forest" });
  const plain = await blockCoordinateDescent(problem, { select: "forest", forestScore: "gradient" });
  expect(largestDifference(scaled.x, plain.x)).toBeLessThan(1e-6);
  await expect(
    blockCoordinateDescent(problem, { select: "forest", forestScore: "curvature" as "gradient" }),
  ).rejects.toThrow('forestScore must be "gradient" or "scaled-gradient", got "curvature"');
});
