import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../check/errors.ts";
import { denseMatrix } from "../linalg/matrix.ts";
import { csrFromDense } from "../linalg/sparse/build.ts";
import { randomStream } from "../random/stream.ts";
import type { DesignMatrix } from "./design-matrix.ts";
import type { HessianModel } from "./hessian-model.ts";
import { linearRegression } from "./linear-regression.ts";
import { logSumExpObjective } from "./log-sum-exp.ts";
import { logisticRegression } from "./logistic-regression.ts";
import { softmaxRegression } from "./softmax-regression.ts";
import { distance, expectDerivatives, quadraticForm } from "./test-support.ts";

const [n, d] = [23, 5];
const stream = randomStream(3);
const values = stream.fillNormal(new Float64Array(n * d)).map((a, k) => (k % 3 === 0 ? 0 : a));
const A = { rows: n, columns: d, values };
const sparse = csrFromDense(denseMatrix(values, n, d));
const b = stream.fillNormal(new Float64Array(n));
const signs = b.map((bi) => (bi > 0 ? 1 : -1));
const classes = Int32Array.from(b, (_, i) => (i * 7) % 4);
const point = (dimension: number, scale = 1) =>
  stream.fillNormal(new Float64Array(dimension)).map((v) => scale * v);
const row = (i: number): DesignMatrix => ({
  rows: 1,
  columns: d,
  values: values.subarray(i * d, (i + 1) * d),
});

/** The stored numbers of a dense or a diagonal model. */
const entriesOf = (model: HessianModel & { kind: "dense" | "diagonal" }) =>
  model.kind === "dense" ? model.matrix.values : model.values;

function denseEntries(model: HessianModel): Float64Array {
  if (model.kind !== "dense") expect.fail(`wanted a dense model, got ${model.kind}`);
  return model.matrix.values;
}

/** sum_i scale g_i g_i^T over the gradients of the rows alone. */
function sumOfOuterProducts(gradients: Float64Array[], scale: number): Float64Array {
  const m = gradients[0].length;
  const sum = new Float64Array(m * m);
  for (const g of gradients)
    for (let j = 0; j < m; j++) for (let k = 0; k < m; k++) sum[j * m + k] += scale * g[j] * g[k];
  return sum;
}

describe.each([
  ["linearRegression", (design: DesignMatrix) => linearRegression(design, b)],
  ["linearRegression, mean", (design: DesignMatrix) => linearRegression(design, b, { reduction: "mean" })],
  ["logisticRegression", (design: DesignMatrix) => logisticRegression(design, signs)],
  [
    "logisticRegression, sum",
    (design: DesignMatrix) => logisticRegression(design, signs, { reduction: "sum" }),
  ],
  ["softmaxRegression", (design: DesignMatrix) => softmaxRegression(design, classes)],
  ["logSumExp", (design: DesignMatrix) => logSumExpObjective(design, b)],
  ["logSumExp, mu = 0.1", (design: DesignMatrix) => logSumExpObjective(design, b, { smoothing: 0.1 })],
])("%s", (_, make) => {
  test("has the derivatives of its value", async () => {
    const objective = make(A);
    for (let trial = 0; trial < 3; trial++)
      await expectDerivatives(objective, point(objective.dimension), { tolerance: 3e-7 });
  });

  test("is the same function of sparse rows, with the same approximations", () => {
    const [dense, compressed] = [make(A), make(sparse)];
    const x = point(dense.dimension);
    const v = point(dense.dimension);
    expect(compressed.value(x)).toBeCloseTo(dense.value(x), 12);
    expect(distance(compressed.gradient(x), dense.gradient(x))).toBeLessThan(1e-12);
    expect(distance(compressed.hessian(x).values, dense.hessian(x).values)).toBeLessThan(1e-11);
    const product = dense.hessianVectorProduct(x, v);
    expect(distance(compressed.hessianVectorProduct(x, v), product)).toBeLessThan(1e-11);
    for (const [name, approximation] of Object.entries(dense.approximations ?? {})) {
      const [one, other] = [approximation(x), compressed.approximations?.[name](x)];
      if (one.kind === "operator" || one.kind === "low-rank") continue;
      if (other?.kind !== one.kind) expect.fail(`${name} has another form for sparse rows`);
      expect(distance(entriesOf(other), entriesOf(one))).toBeLessThan(1e-11);
    }
  });

  test("answers for the point it is asked about, in any order, with arrays of the caller's own", () => {
    const objective = make(A);
    const [x, z] = [point(objective.dimension), point(objective.dimension)];
    const fresh = { value: make(A).value(x), gradient: make(A).gradient(x), hessian: make(A).hessian(x) };
    objective.hessian(z);
    expect(objective.value(x)).toBe(fresh.value);
    objective.gradient(x).fill(7);
    objective.hessian(x).values.fill(7);
    expect(objective.gradient(x)).toEqual(fresh.gradient);
    expect(objective.hessian(x)).toEqual(fresh.hessian);
    x[0] += 1;
    expect(objective.value(x)).toBe(make(A).value(x));
  });

  test("rejects points and matrices that do not fit or are not finite", () => {
    const objective = make(A);
    const x = point(objective.dimension);
    expect(() => objective.value(x.subarray(1))).toThrow(ArgumentError);
    x[3] = Number.NaN;
    expect(() => objective.gradient(x)).toThrow("x must be finite, got NaN at index 3");
    expect(() =>
      make({ rows: n, columns: d, values: values.map((a, k) => (k === 8 ? Number.NaN : a)) }),
    ).toThrow("A must be finite, got NaN in row 1, column 3");
    expect(() => make({ ...A, rows: n - 1 })).toThrow(ArgumentError);
    expect(() => make({ ...A, rows: 0, values: new Float64Array() })).toThrow("at least one row");
  });
});

describe("linearRegression", () => {
  test("has gradient 0 where the residual is orthogonal to the columns", () => {
    // one column of ones: the minimum is the mean, the value half the sum of squares about it
    const ones = { rows: 4, columns: 1, values: Float64Array.of(1, 1, 1, 1) };
    const objective = linearRegression(ones, [1, 2, 3, 6]);
    expect(Array.from(objective.gradient(Float64Array.of(3)))).toEqual([0]);
    expect(objective.value(Float64Array.of(3))).toBe(7);
    expect(linearRegression(ones, [1, 2, 3, 6], { reduction: "mean" }).value(Float64Array.of(3))).toBe(7 / 4);
  });

  test("rejects targets that are not finite", () => {
    expect(() =>
      linearRegression(
        A,
        b.map((v, i) => (i === 4 ? Number.POSITIVE_INFINITY : v)),
      ),
    ).toThrow("b must be finite, got Infinity in row 4");
    expect(() => linearRegression(A, [1])).toThrow("b must have one number per row, 23, got 1");
  });
});

describe("logisticRegression", () => {
  test("keeps its digits at both ends", () => {
    const one = { rows: 1, columns: 1, values: Float64Array.of(1) };
    const objective = logisticRegression(one, [1]);
    const at = (margin: number) => objective.valueAndGradient(Float64Array.of(margin));
    expect(at(0)).toEqual({ value: Math.LN2, gradient: Float64Array.of(-0.5) });
    expect(at(-1000)).toEqual({ value: 1000, gradient: Float64Array.of(-1) });
    // ln(1 + e) = e to relative precision e
    expect(at(50).value / Math.exp(-50)).toBeCloseTo(1, 14);
    expect(at(700).gradient[0] / -Math.exp(-700)).toBeCloseTo(1, 13);
    expect(objective.hessian(Float64Array.of(-700)).values[0] / Math.exp(-700)).toBeCloseTo(1, 13);
  });

  const objective = logisticRegression(A, signs);
  const x = point(d);

  test("the empirical Fisher matrix is the mean of the rows' outer products", () => {
    const gradients = Array.from(signs, (sign, i) => logisticRegression(row(i), [sign]).gradient(x));
    const fisher = denseEntries(objective.approximations.empiricalFisher(x));
    expect(distance(fisher, sumOfOuterProducts(gradients, 1 / n))).toBeLessThan(1e-14);
  });

  test("the bound lies above every Hessian and meets it at 0", () => {
    const bound = denseEntries(objective.approximations.bound(x));
    for (let trial = 0; trial < 50; trial++) {
      const v = point(d);
      const curvature = quadraticForm(objective.hessian(point(d, 2)).values, v);
      expect(quadraticForm(bound, v)).toBeGreaterThanOrEqual(curvature);
    }
    expect(distance(bound, objective.hessian(new Float64Array(d)).values)).toBeLessThan(1e-15);
  });

  test("the diagonal is the Hessian's, and zero is zero", () => {
    const diagonal = objective.approximations.diagonal(x);
    const { values: hessian } = objective.hessian(x);
    if (diagonal.kind !== "diagonal") expect.fail("wanted a diagonal");
    expect(
      distance(
        diagonal.values,
        Float64Array.from({ length: d }, (_, j) => hessian[j * (d + 1)]),
      ),
    ).toBeLessThan(1e-15);
    expect(objective.approximations.zero(x)).toMatchObject({
      kind: "low-rank",
      coefficients: new Float64Array(),
    });
  });

  test("rejects labels that are not -1 or +1", () => {
    const labels = signs.map((sign, i) => (i === 2 ? 0 : sign));
    expect(() => logisticRegression(A, labels)).toThrow(DataError);
    expect(() => logisticRegression(A, labels)).toThrow("y must be -1 or 1, got 0 in row 2");
    const words = Array.from(labels, () => "spam");
    expect(() => logisticRegression(A, words as never)).toThrow('y must be finite, got "spam" in row 0');
  });
});

describe("softmaxRegression", () => {
  const objective = softmaxRegression(A, classes);
  const x = point(4 * d);

  test("is ln k at 0, and logistic regression on the difference of two classes", () => {
    expect(objective.value(new Float64Array(4 * d))).toBeCloseTo(Math.log(4), 14);
    const two = softmaxRegression(
      A,
      signs.map((sign) => (sign + 1) / 2),
    );
    const w = point(2 * d);
    const difference = w.subarray(d).map((v, j) => v - w[j]);
    expect(two.value(w)).toBeCloseTo(logisticRegression(A, signs).value(difference), 14);
  });

  test("stays finite where exponentials do not", () => {
    const far = x.map((v) => 1e5 * v);
    expect(Number.isFinite(objective.value(far))).toBe(true);
    expect(objective.gradient(far).every(Number.isFinite)).toBe(true);
  });

  test("weighted Gauss-Newton is that of the rows' log-sum-exps of z_c - z_y", () => {
    const sum = new Float64Array((4 * d) ** 2);
    for (let i = 0; i < n; i++) {
      const differences = new Float64Array(4 * 4 * d);
      for (let c = 0; c < 4; c++)
        for (let j = 0; j < d; j++) {
          differences[c * 4 * d + c * d + j] += values[i * d + j];
          differences[c * 4 * d + classes[i] * d + j] -= values[i * d + j];
        }
      const alone = logSumExpObjective({ rows: 4, columns: 4 * d, values: differences }, [0, 0, 0, 0]);
      const model = denseEntries(alone.approximations.weightedGaussNewton(x));
      for (let k = 0; k < sum.length; k++) sum[k] += model[k] / n;
    }
    expect(distance(denseEntries(objective.approximations.weightedGaussNewton(x)), sum)).toBeLessThan(1e-14);
  });

  test("the empirical Fisher matrix is the mean of the rows' outer products", () => {
    const gradients = Array.from(classes, (label, i) =>
      softmaxRegression(row(i), [label], { classes: 4 }).gradient(x),
    );
    const fisher = denseEntries(objective.approximations.empiricalFisher(x));
    expect(distance(fisher, sumOfOuterProducts(gradients, 1 / n))).toBeLessThan(1e-14);
  });

  test("the block diagonal matrix lies above the Hessian", () => {
    const blocks = denseEntries(objective.approximations.blockDiagonal(x));
    for (let trial = 0; trial < 50; trial++) {
      const v = point(4 * d);
      expect(quadraticForm(blocks, v)).toBeGreaterThanOrEqual(quadraticForm(objective.hessian(x).values, v));
    }
  });

  test("rejects labels that are not class numbers", () => {
    expect(() => softmaxRegression(A, classes, { classes: 3 })).toThrow(
      "y must be class numbers from 0 to 2, got 3 in row",
    );
    expect(() => softmaxRegression(A, new Int32Array(n))).toThrow(
      "classes must be an integer of at least 2, got 1",
    );
    expect(() => softmaxRegression(A, b)).toThrow(ArgumentError);
  });
});

describe("logSumExp", () => {
  test("lies between the maximum and the maximum + mu ln n, and is exact for equal rows", () => {
    for (const smoothing of [10, 1, 0.01]) {
      const x = point(d);
      const largest = Math.max(
        ...Array.from({ length: n }, (_, i) => row(i).values.reduce((s, a, j) => s + a * x[j], -b[i])),
      );
      const value = logSumExpObjective(A, b, { smoothing }).value(x);
      expect(value).toBeGreaterThanOrEqual(largest);
      expect(value).toBeLessThanOrEqual(largest + smoothing * Math.log(n));
    }
    const equal = { rows: 3, columns: 1, values: Float64Array.of(2, 2, 2) };
    expect(logSumExpObjective(equal, [1, 1, 1], { smoothing: 0.5 }).value(Float64Array.of(1e4))).toBeCloseTo(
      2e4 - 1 + 0.5 * Math.log(3),
      9,
    );
  });

  test("weighted Gauss-Newton is the Hessian plus g g^T / mu", () => {
    const objective = logSumExpObjective(A, b, { smoothing: 0.3 });
    const x = point(d);
    const [g, H] = [objective.gradient(x), objective.hessian(x).values];
    const expected = H.map((h, k) => h + (g[Math.floor(k / d)] * g[k % d]) / 0.3);
    expect(distance(denseEntries(objective.approximations.weightedGaussNewton(x)), expected)).toBeLessThan(
      1e-12,
    );
  });

  test("rejects a smoothing that is not > 0", () => {
    expect(() => logSumExpObjective(A, b, { smoothing: 0 })).toThrow(
      "smoothing must be a positive number, got 0",
    );
  });
});
