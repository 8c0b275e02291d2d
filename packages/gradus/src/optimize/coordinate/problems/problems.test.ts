import { expect, test } from "vitest";
import { symmetricEigenvalues } from "../../../linalg/factorize/symmetric-eigenvalues.ts";
import { denseMatrix } from "../../../linalg/matrix.ts";
import { csrFromDense } from "../../../linalg/sparse/build.ts";
import { randomStream } from "../../../random/stream.ts";
import type { BlockProblem } from "../problem.ts";
import { blockFunction } from "./custom.ts";
import { blockLeastSquares } from "./least-squares.ts";
import { blockLogistic } from "./logistic.ts";
import { blockQuadratic } from "./quadratic.ts";
import { blockSoftmax } from "./softmax.ts";

const stream = randomStream(3);
const m = 7;
const n = 4;
const values = stream.fillNormal(new Float64Array(m * n)).map((v, k) => (k % 3 === 0 ? 0 : v));
const dense = { rows: m, columns: n, values };
const sparse = csrFromDense(denseMatrix(values, m, n));
const c = stream.fillNormal(new Float64Array(m));
const signs = c.map((v) => (v > 0 ? 1 : -1));
const classes = Int32Array.from({ length: m }, (_, i) => i % 3);
const spd = csrFromDense(
  denseMatrix(Float64Array.of(4, -1, 0, 0, -1, 4, -1, 0, 0, -1, 4, -2, 0, 0, -2, 4), n, n),
);
const curved = blockFunction({
  dimension: 3,
  value: (x) => x.reduce((sum, v) => sum + Math.log(Math.cosh(v)), 0) + x[0] * x[0],
  gradient: (x, block = Int32Array.of(0, 1, 2)) =>
    Float64Array.from(block, (i) => Math.tanh(x[i]) + (i === 0 ? 2 * x[0] : 0)),
  lipschitz: [3, 1, 1],
  blockBound: (block) =>
    Float64Array.from({ length: block.length ** 2 }, (_, k) =>
      k % (block.length + 1) === 0 ? (block[k % block.length] === 0 ? 3 : 1) : 0,
    ),
  blockHessian: (x, block) =>
    Float64Array.from({ length: block.length ** 2 }, (_, k) => {
      const i = block[k % block.length];
      return k % (block.length + 1) === 0 ? 1 - Math.tanh(x[i]) ** 2 + (i === 0 ? 2 : 0) : 0;
    }),
});

const problems: [string, BlockProblem][] = [
  ["least squares, dense", blockLeastSquares({ ...dense, values: values.map((v) => v || 0.3) }, c)],
  ["least squares, sparse", blockLeastSquares(sparse, c)],
  ["logistic, dense", blockLogistic({ ...dense, values: values.map((v) => v || 0.3) }, signs)],
  ["logistic, sparse", blockLogistic(sparse, signs)],
  ["softmax", blockSoftmax(sparse, classes, { classes: 3 })],
  ["quadratic", blockQuadratic(spd, c.subarray(0, n))],
  ["custom", curved],
];

const valueAt = (problem: BlockProblem, x: Float64Array) => problem.value(x, problem.carry(x));
function gradientAt(problem: BlockProblem, x: Float64Array): Float64Array {
  const g = new Float64Array(problem.dimension);
  problem.gradient(x, problem.carry(x), g);
  return g;
}
const shifted = (x: Float64Array, i: number, h: number) => x.map((v, k) => (k === i ? v + h : v));
const pointOf = (problem: BlockProblem) => randomStream(5).fillNormal(new Float64Array(problem.dimension));

test.each(problems)("%s: gradient and block derivatives are those of central differences", (_, problem) => {
  const x = pointOf(problem);
  const g = gradientAt(problem, x);
  const h = 1e-5;
  for (let i = 0; i < problem.dimension; i++) {
    const difference = (valueAt(problem, shifted(x, i, h)) - valueAt(problem, shifted(x, i, -h))) / (2 * h);
    expect(g[i]).toBeCloseTo(difference, 7);
  }
  const block = Int32Array.of(problem.dimension - 1, 0);
  const partial = new Float64Array(2);
  problem.partials(x, problem.carry(x), block, partial);
  expect(partial[0]).toBeCloseTo(g[block[0]], 12);
  expect(partial[1]).toBeCloseTo(g[0], 12);
});

test.each(problems)("%s: the Hessian is that of the gradient, and never above the bound", (_, problem) => {
  const x = pointOf(problem);
  const block = Int32Array.from({ length: Math.min(4, problem.dimension) }, (_, p) => p);
  const size = block.length;
  const [H, bound] = [new Float64Array(size ** 2), new Float64Array(size ** 2)];
  problem.hessian(x, problem.carry(x), block, H);
  problem.bound(block, bound);
  const h = 1e-5;
  for (const i of block) {
    const up = gradientAt(problem, shifted(x, i, h));
    const down = gradientAt(problem, shifted(x, i, -h));
    for (const j of block) expect(H[j * size + i]).toBeCloseTo((up[j] - down[j]) / (2 * h), 6);
  }
  const slack = symmetricEigenvalues(
    denseMatrix(
      bound.map((value, k) => value - H[k]),
      size,
      size,
    ),
  );
  expect(slack[0]).toBeGreaterThanOrEqual(-1e-12 * Math.max(...bound));
  const single = new Float64Array(1);
  for (const i of block) {
    problem.hessian(x, problem.carry(x), Int32Array.of(i), single);
    expect(single[0]).toBeLessThanOrEqual(problem.lipschitz[i] * (1 + 1e-12));
  }
});

test.each(problems)("%s: moving along a block is the same as carrying the new point", (_, problem) => {
  const x = pointOf(problem);
  const carried = problem.carry(x);
  const block = Int32Array.of(2, 0);
  problem.move(x, carried, block, Float64Array.of(0.5, -2));
  const start = pointOf(problem);
  expect(x[2]).toBe(start[2] + 0.5);
  expect(x[0]).toBe(start[0] - 2);
  const fresh = problem.carry(x);
  carried.forEach((value, k) => {
    expect(value).toBeCloseTo(fresh[k], 12);
  });
});

test.each(problems.filter(([, { boundProduct }]) => boundProduct))(
  "%s: products with the bound and its row sums agree with its entries",
  (_, problem) => {
    const size = problem.dimension;
    const all = Int32Array.from({ length: size }, (_, i) => i);
    const H = new Float64Array(size ** 2);
    problem.bound(all, H);
    const v = pointOf(problem);
    const product = new Float64Array(size);
    problem.boundProduct?.(all, v, product);
    const sums = problem.boundRowSums?.() ?? [];
    for (let i = 0; i < size; i++) {
      const row = H.subarray(i * size, (i + 1) * size);
      expect(product[i]).toBeCloseTo(
        row.reduce((sum, value, j) => sum + value * v[j], 0),
        10,
      );
      expect(sums[i]).toBeCloseTo(
        row.reduce((sum, value) => sum + Math.abs(value), 0),
        10,
      );
    }
  },
);

test("values at 0: half the square of c, m ln 2, m ln k", () => {
  const square = c.reduce((sum, v) => sum + v * v, 0);
  expect(valueAt(problems[1][1], new Float64Array(n))).toBeCloseTo(square / 2, 12);
  expect(valueAt(problems[3][1], new Float64Array(n))).toBeCloseTo(m * Math.LN2, 12);
  expect(valueAt(problems[4][1], new Float64Array(3 * n))).toBeCloseTo(m * Math.log(3), 12);
});

test("losses stay finite at huge margins and scores", () => {
  const one = { rows: 2, columns: 1, values: Float64Array.of(1, -1) };
  expect(valueAt(blockLogistic(one, [1, 1]), Float64Array.of(1e4))).toBe(1e4);
  expect(valueAt(blockSoftmax(one, [0, 0], { classes: 2 }), Float64Array.of(1e4, 0))).toBe(1e4);
});

test("single precision is refused by the name of the argument, small and large", () => {
  for (const [rows, columns] of [
    [2, 3],
    [100, 120],
  ]) {
    const A = { rows, columns, values: new Float32Array(rows * columns).fill(1) } as never;
    const message = `A must be a matrix { rows, columns, values } with a Float64Array of values, got values: Float32Array of length ${rows * columns}`;
    expect(() => blockLeastSquares(A, new Float64Array(rows))).toThrow(message);
    expect(() => blockLogistic(A, new Float64Array(rows).fill(1))).toThrow(message);
    expect(() => blockSoftmax(A, new Int32Array(rows), { classes: 2 })).toThrow(message);
  }
});

test("what is malformed is refused, and said where", () => {
  expect(() => blockLeastSquares(dense, [1, 2])).toThrow("c must have one number per row, 7, got 2");
  expect(() => blockLeastSquares(dense, c.with(3, Number.NaN))).toThrow("c must be finite, got NaN in row 3");
  expect(() => blockLeastSquares({ ...dense, values: values.with(9, Number.NaN) }, c)).toThrow(
    "A must be finite, got NaN in row 2, column 1",
  );
  expect(() => blockLogistic(dense, [1, -1, 0, 1, 1, 1, 1])).toThrow("y must be -1 or 1, got 0 in row 2");
  expect(() => blockSoftmax(dense, [0, 1, 2, 3, 0, 1, 2], { classes: 3 })).toThrow(
    "y must be class numbers from 0 to 2, got 3 in row 3 (3 classes)",
  );
  expect(() => blockSoftmax(dense, classes, { classes: 1 })).toThrow(
    "classes must be an integer of at least 2, got 1",
  );
  const lower = csrFromDense(denseMatrix(Float64Array.of(1, 0, 1, 1), 2, 2));
  expect(() => blockQuadratic(lower, [0, 0])).toThrow(
    "A must be symmetric; row 1, column 0 is 1, its mirror 0",
  );
  expect(() =>
    blockQuadratic(csrFromDense(denseMatrix(Float64Array.of(1, 2, 3, 4, 5, 6), 2, 3)), [0, 0]),
  ).toThrow("A must be square, got 2 x 3");
  expect(() => blockQuadratic(csrFromDense(denseMatrix(Float64Array.of(-1), 1, 1)), [0])).toThrow(
    "positive semidefinite",
  );
  const bad = {
    dimension: 1,
    value: () => 0,
    gradient: () => new Float64Array(1),
    blockBound: () => new Float64Array(1),
  };
  expect(() => blockFunction({ ...bad, lipschitz: [-1] })).toThrow(
    "lipschitz[0] must be a finite number >= 0, got -1",
  );
  const refused = (f: object | undefined) =>
    expect(() => blockFunction(f as Parameters<typeof blockFunction>[0]));
  refused({ ...bad, lipschitz: [1], blockBound: undefined }).toThrow(
    "blockBound must be a function, got undefined",
  );
  refused(bad).toThrow("lipschitz must be an array of numbers, got undefined");
  refused(undefined).toThrow("f must be a function of blocks { dimension, value,");
});
