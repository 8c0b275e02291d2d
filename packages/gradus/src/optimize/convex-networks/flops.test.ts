import { expect, test } from "vitest";
import { convexNetworkIterates } from "./iterates.ts";
import { samplePatterns } from "./patterns.ts";
import { normalRows } from "./test-support.ts";

/** Arithmetic on plain arrays that counts multiplications, additions and divisions. */
function countingArithmetic() {
  let flops = 0;
  const dot = (a: readonly number[], b: readonly number[]): number => {
    let sum = 0;
    for (let i = 0; i < a.length; i++, flops += 2) sum += a[i] * b[i];
    return sum;
  };
  /** x with L x = b, by forward substitution. */
  const forward = (L: readonly (readonly number[])[], b: readonly number[]): number[] => {
    const x: number[] = [];
    for (let i = 0; i < b.length; i++, flops += 1) x.push((b[i] - dot(L[i].slice(0, i), x)) / L[i][i]);
    return x;
  };
  return { dot, forward, flops: () => flops, reset: () => (flops = 0) };
}

const transposed = (A: readonly (readonly number[])[]): number[][] =>
  A[0].map((_, j) => A.map((row) => row[j]));

/** The lower Cholesky factor, row by row. */
function choleskyRows(A: readonly (readonly number[])[]): number[][] {
  const L: number[][] = [];
  for (let i = 0; i < A.length; i++) {
    const row: number[] = [];
    for (let j = 0; j <= i; j++) {
      let rest = A[i][j];
      for (let k = 0; k < j; k++) rest -= row[k] * (j === i ? row[k] : L[j][k]);
      row.push(j === i ? Math.sqrt(rest) : rest / L[j][j]);
    }
    L.push(row);
  }
  return L;
}

test("an exact iteration takes as many flops as the same update by plain loops", async () => {
  const [n, d, P, rho] = [7, 3, 4, 0.3];
  const { x, y } = normalRows(n, d, 5);
  const patterns = samplePatterns(x, { count: P, seed: 2 });
  const method = convexNetworkIterates({ x, y, beta: 0.1, intercept: false, patterns, rho });
  let [first, second] = [Number.NaN, Number.NaN];
  let u = new Float64Array();
  for await (const iterate of method) {
    if (iterate.iteration === 0) expect(iterate.flops).toBe(0);
    if (iterate.iteration === 1) [first, u] = [iterate.flops, iterate.state.u.slice()];
    if (iterate.iteration === 2) {
      second = iterate.flops;
      break;
    }
  }

  const X = Array.from({ length: n }, (_, k) => Array.from(x.values.subarray(k * d, (k + 1) * d)));
  const D = Array.from({ length: P }, (_, i) => Array.from(patterns.masks.subarray(i * n, (i + 1) * n)));
  const { dot, forward, flops, reset } = countingArithmetic();
  const backward = (L: readonly (readonly number[])[], b: readonly number[]) =>
    forward(
      transposed(L.map((row) => [...row, ...new Array<number>(L.length - row.length).fill(0)]))
        .reverse()
        .map((row) => row.toReversed()),
      b.toReversed(),
    ).reverse();
  const columns = transposed(X);
  const gram = columns.map((a, i) => columns.map((b, j) => dot(a, b) + Number(i === j)));
  const factor = choleskyRows(gram);
  const N = gram.map((_, i) =>
    backward(
      factor,
      forward(
        factor,
        gram.map((_, j) => Number(i === j)),
      ),
    ),
  );
  const XN = X.map((row) => N.map((column) => dot(row, column)));
  const K = X.map((_, k) =>
    X.map(
      (row, l) =>
        Number(k === l) * rho + 2 * dot(XN[k], row) * D.reduce((sum, mask) => sum + mask[k] * mask[l], 0),
    ),
  );
  const L = choleskyRows(K);

  reset();
  const signs = [...D.map(() => 1), ...D.map(() => -1)];
  const maskOf = (block: number) => D[block % P];
  // all copies and duals are 0 in the first iteration: G^T (s - nu) is a product with zeros
  const slack = signs.map(() => columns.map((column) => dot(column, new Array(n).fill(0))));
  const right = slack.map((block, i) =>
    block.map((value, j) => {
      let sum = value;
      for (let k = 0; k < n; k++) sum += (signs[i] * maskOf(i)[k] * X[k][j] * y[k]) / rho;
      return sum;
    }),
  );
  const c = right.map((block) => N.map((row) => dot(row, block)));
  const difference = D.map((_, i) => c[i].map((value, j) => value - c[P + i][j]));
  const images = difference.map((block) => X.map((row) => dot(row, block)));
  const q = backward(
    L,
    forward(
      L,
      X.map((_, k) => images.reduce((sum, image, i) => sum + D[i][k] * image[k], 0)),
    ),
  );
  const adjoint = D.map((mask) =>
    columns.map((column) =>
      dot(
        column,
        q.map((value, k) => mask[k] * value),
      ),
    ),
  );
  const change = adjoint.map((block) => N.map((row) => dot(row, block)));
  const expected = c.map((block, i) => block.map((value, j) => value - signs[i] * change[i % P][j]));
  for (const block of expected) for (const row of X) dot(row, block);

  for (const [at, value] of expected.flat().entries()) expect(u[at]).toBeCloseTo(value, 10);
  expect(first).toBe(flops());
  expect(second).toBe(2 * flops());
});

test("block coordinate descent counts its picks: each takes two products with X", async () => {
  expect.hasAssertions();
  const [n, d, P] = [9, 3, 5];
  const { x, y } = normalRows(n, d, 6);
  const patterns = samplePatterns(x, { count: P, seed: 2 });
  const update = "block-coordinate";
  for await (const { iteration, flops } of convexNetworkIterates({
    x,
    y,
    beta: 0.1,
    intercept: false,
    patterns,
    update,
  })) {
    if (iteration === 0) continue;
    const picks = (flops - 8 * P * n * d) / (4 * n * d);
    expect(picks % (2 * P)).toBe(0);
    expect(picks).toBeGreaterThanOrEqual(2 * P);
    expect(picks).toBeLessThanOrEqual(10 * P);
    break;
  }
});
