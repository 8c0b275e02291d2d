import fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../../random/stream.ts";
import type { BlockPenalty } from "./problem.ts";
import { minimizeSparseQuadratic, sparseQuadraticWork } from "./sparse-quadratic.ts";

function gram(B: Float64Array, m: number, n: number): Float64Array {
  const H = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let r = 0; r < m; r++) H[i * n + j] += B[r * n + i] * B[r * n + j];
  return H;
}

function objective(H: Float64Array, n: number, q: Float64Array, lambda: number, y: Float64Array): number {
  let value = 0;
  for (let i = 0; i < n; i++) {
    value += q[i] * y[i] + lambda * Math.abs(y[i]);
    for (let j = 0; j < n; j++) value += (y[i] * H[i * n + j] * y[j]) / 2;
  }
  return value;
}

/** What the optimality conditions lack, relative to the numbers they are made of. */
function violation(
  H: Float64Array,
  n: number,
  q: Float64Array,
  { kind, lambda }: BlockPenalty,
  y: Float64Array,
) {
  let worst = 0;
  for (let i = 0; i < n; i++) {
    let g = q[i];
    let size = Math.abs(q[i]) + lambda;
    for (let j = 0; j < n; j++) {
      g += H[i * n + j] * y[j];
      size += Math.abs(H[i * n + j] * y[j]);
    }
    if (kind === "nonnegative-l1" && y[i] < 0) return Number.POSITIVE_INFINITY;
    let lack = 0;
    if (y[i] !== 0) lack = Math.abs(g + lambda * Math.sign(y[i]));
    else lack = Math.max(0, (kind === "l1" ? Math.abs(g) : -g) - lambda);
    if (size > 0) worst = Math.max(worst, lack / size);
  }
  return worst;
}

const cases = fc.record({
  seed: fc.nat(1e6),
  n: fc.integer({ min: 1, max: 12 }),
  extra: fc.integer({ min: -6, max: 6 }),
  kind: fc.constantFrom<BlockPenalty["kind"]>("l1", "nonnegative-l1"),
  warm: fc.boolean(),
});

test("meets the optimality conditions from any start, with full and with deficient rank, and never goes uphill", () => {
  fc.assert(
    fc.property(cases, ({ seed, n, extra, kind, warm }) => {
      const stream = randomStream(seed);
      const m = Math.max(1, n + extra);
      const B = stream.fillNormal(new Float64Array(m * n));
      const H = gram(B, m, n);
      // q in the range of H plus less than lambda: bounded below
      const q = new Float64Array(n);
      for (let r = 0; r < m; r++) {
        const s = stream.normal();
        for (let i = 0; i < n; i++) q[i] -= B[r * n + i] * s;
      }
      const penalty = { kind, lambda: stream.uniform(0.05, 1) };
      const y = new Float64Array(n);
      if (warm) for (let i = 0; i < n; i++) y[i] = stream.uniform() < 0.5 ? Math.abs(stream.normal()) : 0;
      const before = objective(H, n, q, penalty.lambda, y);
      minimizeSparseQuadratic(H, n, q, penalty, y, sparseQuadraticWork(n));
      expect(violation(H, n, q, penalty, y)).toBeLessThan(1e-10);
      expect(objective(H, n, q, penalty.lambda, y)).toBeLessThanOrEqual(before + 1e-12 * Math.abs(before));
    }),
    { numRuns: 1500 },
  );
});

test("two equal columns share no more than the support of one", () => {
  const H = Float64Array.of(1, 1, 1, 1);
  const y = Float64Array.of(0.5, 0.7);
  minimizeSparseQuadratic(
    H,
    2,
    Float64Array.of(-2, -2),
    { kind: "nonnegative-l1", lambda: 1 },
    y,
    sparseQuadraticWork(2),
  );
  expect(y[0] + y[1]).toBeCloseTo(1, 14);
  expect([...y].filter((v) => v === 0)).toHaveLength(1);
});

test("one unknown is soft-thresholded", () => {
  const work = sparseQuadraticWork(1);
  const solve = (q: number, kind: BlockPenalty["kind"]) => {
    const y = new Float64Array(1);
    minimizeSparseQuadratic(Float64Array.of(2), 1, Float64Array.of(q), { kind, lambda: 1 }, y, work);
    return y[0];
  };
  expect(solve(-5, "l1")).toBeCloseTo(2, 14);
  expect(solve(-5, "nonnegative-l1")).toBeCloseTo(2, 14);
  expect(solve(5, "l1")).toBeCloseTo(-2, 14);
  expect(solve(5, "nonnegative-l1")).toBe(0);
  expect(solve(0.9, "l1")).toBe(0);
});
