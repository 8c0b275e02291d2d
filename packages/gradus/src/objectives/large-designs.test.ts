import { expect, test } from "vitest";
import { DataError } from "../check/errors.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { matrixOperator } from "../linalg/operator/matrix-operator.ts";
import { csrFromDense } from "../linalg/sparse/build.ts";
import type { CsrMatrix } from "../linalg/sparse/csr.ts";
import { blockLeastSquares } from "../optimize/coordinate/problems/least-squares.ts";
import { randomStream } from "../random/stream.ts";
import { compiledNewtonOf } from "./compiled-newton.ts";
import type { DesignMatrix } from "./design-matrix.ts";
import { linearRegression } from "./linear-regression.ts";
import { logisticRegression } from "./logistic-regression.ts";
import type { SmoothObjective } from "./objective.ts";
import { softmaxRegression } from "./softmax-regression.ts";

// Large designs are copied into WebAssembly memory, and many rows go through vectors; the same rows in small parts are
// read in place, one number at a time.
const [n, d, part] = [700, 41, 35];
const stream = randomStream(11);
const values = stream.fillNormal(new Float64Array(n * d)).map((a, k) => (k % 4 === 0 ? a : 0));
const numbers = stream.fillNormal(new Float64Array(n));
const signs = numbers.map((b) => (b > 0 ? 1 : -1));
const classes = numbers.map((_, i) => (5 * i) % 3);

const makers = {
  linearRegression: (A: DesignMatrix, i: number, j: number) => linearRegression(A, numbers.subarray(i, j)),
  logisticRegression: (A: DesignMatrix, i: number, j: number) =>
    logisticRegression(A, signs.subarray(i, j), { reduction: "sum" }),
  softmaxRegression: (A: DesignMatrix, i: number, j: number) =>
    softmaxRegression(A, classes.subarray(i, j), { reduction: "sum", classes: 3 }),
};

/** ||a - b|| / ||b||. */
function relative(a: Float64Array, b: Float64Array): number {
  const norm = (v: Float64Array) => Math.hypot(...v);
  return norm(a.map((value, k) => value - b[k])) / norm(b);
}

test.each(
  Object.entries(makers).flatMap(([name, make]) => [
    [name, "dense", make] as const,
    [name, "sparse", make] as const,
  ]),
)("%s of a large %s design is the sum over small ones", (_, form, make) => {
  const design = (i: number, j: number): DesignMatrix => {
    const dense = denseMatrix(values.subarray(i * d, j * d), j - i, d);
    return form === "dense" ? dense : csrFromDense(dense);
  };
  const whole = make(design(0, n), 0, n);
  const parts = Array.from({ length: n / part }, (_, k) => {
    const [i, j] = [k * part, (k + 1) * part];
    return make(denseMatrix(values.subarray(i * d, j * d), part, d), i, j);
  });
  const x = stream.fillNormal(new Float64Array(whole.dimension)).map((v) => v / 4);
  const v = stream.fillNormal(new Float64Array(whole.dimension));
  const sum = (of: (objective: SmoothObjective) => Float64Array) =>
    parts.map(of).reduce((total, one) => total.map((value, k) => value + one[k]));
  expect(whole.value(x)).toBeCloseTo(
    parts.reduce((total, one) => total + one.value(x), 0),
    9,
  );
  expect(
    relative(
      whole.gradient(x),
      sum((one) => one.gradient(x)),
    ),
  ).toBeLessThan(1e-13);
  expect(
    relative(
      whole.hessianVectorProduct(x, v),
      sum((one) => one.hessianVectorProduct(x, v)),
    ),
  ).toBeLessThan(1e-13);
  const hessian = whole.hessian(x).values;
  expect(
    relative(
      hessian,
      sum((one) => one.hessian(x).values),
    ),
  ).toBeLessThan(1e-13);
  const m = whole.dimension;
  for (let j = 0; j < m; j++) for (let k = 0; k < j; k++) expect(hessian[j * m + k]).toBe(hessian[k * m + j]);
});

test("what is wrong with a large sparse design is named, row and column", () => {
  const A = csrFromDense(denseMatrix(values, n, d));
  const begin = A.rowPointers[3];
  const [first, second] = A.columnIndices.subarray(begin, begin + 2);
  const withColumn = (column: number) => ({ ...A, columnIndices: A.columnIndices.with(begin + 1, column) });
  const cases: readonly (readonly [bad: CsrMatrix, message: string])[] = [
    [withColumn(first), `row 3 has column ${first} after ${first}; columns must ascend`],
    [withColumn(d), `row 3 has column ${d}, outside 0 .. ${d - 1}`],
    [
      { ...A, rowPointers: A.rowPointers.with(3, 0) },
      `rowPointers decrease at row 2: ${A.rowPointers[2]}, then 0`,
    ],
    [
      { ...A, values: A.values.with(begin + 1, Number.NaN) },
      `row 3, column ${second} must be finite, got NaN`,
    ],
    [{ ...A, values: A.values.subarray(1) }, "columnIndices and values must have"],
  ];
  for (const [bad, message] of cases)
    for (const make of [() => logisticRegression(bad, signs), () => blockLeastSquares(bad, numbers)]) {
      expect(make).toThrow(DataError);
      expect(make).toThrow(message);
    }
});

test("a number of a large dense design that is not finite is named, row and column", () => {
  const bad = denseMatrix(values.with(699 * d + 2, Number.NaN), n, d);
  expect(() => logisticRegression(bad, signs)).toThrow("A must be finite, got NaN in row 699, column 2");
});

test.each([
  [700, 41],
  [130, 193],
  [128, 32],
  [127, 200],
])("value and gradient of %i x %i come together as they come apart, bit for bit", (rows, columns) => {
  const design = denseMatrix(stream.fillNormal(new Float64Array(rows * columns)), rows, columns);
  const labels = Array.from({ length: rows }, (_, i) => (i % 3 ? 1 : -1));
  const [v, x0] = [stream.fillNormal(new Float64Array(columns)), new Float64Array(columns)];
  const together = logisticRegression(design, labels);
  for (const x of [x0, stream.fillNormal(x0.slice()), stream.fillNormal(x0.slice())]) {
    const apart = logisticRegression(design, labels);
    const wanted = { value: apart.value(x), gradient: apart.gradient(x) };
    expect(together.valueAndGradient(x)).toEqual(wanted);
    // the curvatures are those of the point that was evaluated last
    expect(together.hessianVectorProduct(x, v)).toEqual(apart.hessianVectorProduct(x, v));
    expect(together.valueAndGradient(x)).toEqual(wanted);
  }
});

test.each([
  ["linear", linearRegression],
  ["logistic", logisticRegression],
] as const)(
  "conjugate gradients of a large %s regression in WebAssembly memory solve with its Hessian",
  async (_, make) => {
    const objective = make(denseMatrix(values, n, d), signs, { reduction: "mean" });
    const x = randomStream(5).fillNormal(new Float64Array(d));
    const b = randomStream(6).fillNormal(new Float64Array(d));
    const hessian = matrixOperator(objective.hessian(x), { symmetric: true });
    const system = { A: hessian, b, x0: undefined, threshold: 1e-12 };
    const moving = x.slice();
    const stepper = compiledNewtonOf(objective.hessianVectorProduct)?.(moving, system);
    if (!stepper) throw new Error("the products have no compiled conjugate gradients");
    // as a method does that works in place
    moving.fill(0);
    const state = await stepper.start();
    for (let k = 1; !stepper.view(state, k).done && k < 5 * d; k++) await stepper.advance(state, k);
    const found = stepper.lazy.x(state);
    const product = new Float64Array(d);
    await hessian.apply(found, product);
    expect(relative(product, b)).toBeLessThan(1e-9);
  },
);
