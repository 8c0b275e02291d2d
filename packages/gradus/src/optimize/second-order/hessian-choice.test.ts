import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import { asynchronous, gaussianNumbers, largestDifference } from "../../linalg/test-matrices.ts";
import { type HessianModel, hessianOperator } from "../../objectives/hessian-model.ts";
import { linearRegression } from "../../objectives/linear-regression.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import { linearResidual } from "../../objectives/residual.ts";
import { residualPower } from "../../objectives/residual-power.ts";
import { denseMetric, diagonalMetric, identityMetric } from "../descent/metric.ts";
import { minimize } from "../minimize.ts";
import { gnsNewton } from "./gns-newton.ts";
import { regularizedSolve } from "./regularized-solve.ts";

const n = 6;
const inner = { relativeTolerance: 1e-13, maxProducts: 1000 };

/** One vector. */
const column = (values: Float64Array) => denseMatrix(values, values.length, 1);

function gram(seed: number, shift: number): DenseMatrix {
  const G = gaussianNumbers(seed, n * n);
  const B = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++) B[i * n + j] += G[i * n + k] * G[j * n + k] + (i === j ? shift / n : 0);
  return denseMatrix(B, n, n);
}

const metrics = {
  identity: identityMetric(n),
  diagonal: diagonalMetric(Float64Array.of(0.1, 0.5, 1, 2, 5, 9)),
  dense: denseMetric(gram(11, 0.5)),
};
const diagonal = Float64Array.of(0, 1, 2, 3, 4, 5);
const models: Record<string, HessianModel> = {
  dense: { kind: "dense", matrix: gram(12, 0) },
  diagonal: { kind: "diagonal", values: diagonal },
  "rank one": {
    kind: "low-rank",
    vectors: column(gaussianNumbers(13, n)),
    coefficients: Float64Array.of(2.5),
  },
  "rank three": {
    kind: "low-rank",
    vectors: denseMatrix(gaussianNumbers(14, 3 * n), n, 3),
    coefficients: Float64Array.of(1, 0, 4),
  },
  "rank zero": { kind: "low-rank", vectors: denseMatrix([], n, 0), coefficients: new Float64Array() },
  operator: { kind: "operator", operator: hessianOperator({ kind: "dense", matrix: gram(15, 0) }, n) },
  "operator with its diagonal": {
    kind: "operator",
    operator: hessianOperator({ kind: "dense", matrix: gram(15, 0) }, n),
    diagonal: Float64Array.from({ length: n }, (_, j) => gram(15, 0).values[j * (n + 1)]),
  },
  "asynchronous operator": {
    kind: "operator",
    operator: asynchronous(hessianOperator({ kind: "dense", matrix: gram(15, 0) }, n)),
  },
};

describe.each(Object.entries(metrics))("in the %s metric", (_, metric) => {
  test.each(Object.entries(models))(
    "the step with a %s matrix solves (H + lambda B) h = -g",
    async (_, model) => {
      const g = gaussianNumbers(16, n);
      const solveAt = regularizedSolve(model, metric, g, inner);
      for (const lambda of [1e-2, 1, 30]) {
        const h = (await solveAt(lambda, { products: 0 }))!;
        const Hh = new Float64Array(n);
        await hessianOperator(model, n).apply(h, Hh);
        const Bh = metric.apply(h);
        const left = Hh.map((value, j) => value + lambda * Bh[j]);
        expect(
          largestDifference(
            left,
            g.map((gj) => -gj),
          ),
        ).toBeLessThan(1e-9);
      }
    },
  );

  test.each([
    [
      "dense",
      {
        kind: "dense",
        matrix: denseMatrix(
          gram(12, 0).values.map((value) => -value),
          n,
          n,
        ),
      },
    ],
    ["diagonal", { kind: "diagonal", values: diagonal.map((value) => value - 4) }],
    [
      "rank one",
      { kind: "low-rank", vectors: column(gaussianNumbers(13, n)), coefficients: Float64Array.of(-3) },
    ],
    [
      "operator",
      {
        kind: "operator",
        operator: hessianOperator({ kind: "diagonal", values: diagonal.map((v) => v - 4) }, n),
      },
    ],
  ] as const)("an indefinite %s matrix gives no step", async (_, model) => {
    const vector = model.kind === "low-rank" ? model.vectors.values : new Float64Array(n).fill(1);
    expect(await regularizedSolve(model, metric, vector, inner)(1e-6, { products: 0 })).toBeUndefined();
  });
});

test("a dense matrix of rank one beside a nearly singular metric solves for every lambda", async () => {
  const order = 40;
  const u = gaussianNumbers(21, order);
  const squared = u.reduce((sum, value) => sum + value * value, 0);
  const H = Float64Array.from({ length: order * order }, (_, k) => u[Math.floor(k / order)] * u[k % order]);
  const B = H.map((value, k) => (k % (order + 1) === 0 ? value + 1e-8 : value));
  const metric = denseMetric(denseMatrix(B, order, order));
  const solveAt = regularizedSolve({ kind: "dense", matrix: denseMatrix(H, order, order) }, metric, u, inner);
  for (let exponent = -16; exponent <= 2; exponent++) {
    const lambda = 10 ** exponent;
    const h = (await solveAt(lambda, { products: 0 }))!;
    // u is an eigenvector of H and of B
    const length = 1 / ((1 + lambda) * squared + lambda * 1e-8);
    const error = metric.norm(h.map((hj, j) => hj + length * u[j])) / (length * metric.norm(u));
    // where lambda 1e-8 is above the rounding of H, and where it is not
    expect(error, `lambda = 1e${exponent}`).toBeLessThan(exponent >= -3 ? 1e-8 : 1e-2);
  }
});

test("a rank-one term and the same matrix written out give the same iterates", async () => {
  const A = { rows: 20, columns: n, values: gaussianNumbers(17, 20 * n) };
  const f = residualPower(linearResidual(A, gaussianNumbers(18, 20)), { power: 4 });
  const written = (x: Float64Array): HessianModel => {
    const { vectors, coefficients } = f.approximations.fisherTerm(x) as HessianModel & { kind: "low-rank" };
    const values = Float64Array.from(
      { length: n * n },
      (_, k) => coefficients[0] * vectors.values[Math.floor(k / n)] * vectors.values[k % n],
    );
    return { kind: "dense", matrix: denseMatrix(values, n, n) };
  };
  const x0 = new Float64Array(n).fill(1);
  const limits = { maxIterations: 15, gradientTolerance: 0 };
  const one = await minimize(f, x0, { method: gnsNewton, hessian: "fisherTerm", ...limits });
  const other = await minimize(f, x0, { method: gnsNewton, hessian: written, ...limits });
  expect(largestDifference(one.x, other.x)).toBeLessThan(1e-10);
  expect(one.solves).toBe(other.solves);
});

test("every choice finds the minimum of a logistic loss; products find it without a matrix", async () => {
  const A = { rows: 60, columns: n, values: gaussianNumbers(19, 60 * n) };
  const y = Int32Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 1 : -1));
  const f = logisticRegression(A, y);
  const found: Record<string, Float64Array> = {};
  for (const hessian of ["exact", "products", "zero", "empiricalFisher", "bound", "diagonal"]) {
    const { x, status } = await minimize(f, new Float64Array(n), {
      method: gnsNewton,
      hessian,
      gradientTolerance: 1e-9,
    });
    expect(status, hessian).toBe("converged");
    found[hessian] = x;
  }
  for (const [name, x] of Object.entries(found))
    expect(largestDifference(x, found.exact), name).toBeLessThan(1e-6);
});

test("an unknown name is refused with all that are known, each once", () => {
  const A = { rows: 2, columns: 2, values: Float64Array.of(1, 2, 3, 4) };
  const x0 = new Float64Array(2);
  expect(() => gnsNewton(logisticRegression(A, [1, -1]), x0, { hessian: "gaussNewton" })).toThrow(
    'hessian must be one of auto, exact, products, differences, zero, empiricalFisher, bound, diagonal or a function, got "gaussNewton"',
  );
});

describe("bad Hessians", () => {
  const f = linearRegression({ rows: 3, columns: 2, values: Float64Array.of(1, 0, 0, 1, 1, 1) }, [1, 2, 3]);
  const x0 = Float64Array.of(5, 5);
  const run = (hessian: (x: Float64Array) => HessianModel) => minimize(f, x0, { method: gnsNewton, hessian });
  const dense = (...values: number[]) => run(() => ({ kind: "dense", matrix: denseMatrix(values, 2, 2) }));

  test("are refused with their size or what is wrong", async () => {
    const wide = { rows: 1, columns: 2, values: Float64Array.of(1, 2) };
    await expect(run(() => ({ kind: "dense", matrix: wide }))).rejects.toThrow(
      "the Hessian must be square, got 1 x 2",
    );
    await expect(run(() => ({ kind: "dense", matrix: denseMatrix([1], 1, 1) }))).rejects.toThrow(
      "the Hessian must be 2 x 2, got 1 x 1",
    );
    await expect(run(() => ({ kind: "dense", matrix: { ...wide, rows: 2 } }))).rejects.toThrow(
      "the Hessian must have 2 x 2 numbers, got 2",
    );
    await expect(dense(1, 2, 3, 4)).rejects.toThrow(
      "the Hessian must be symmetric; row 1, column 0 is 3, its mirror 2",
    );
    await expect(dense(1, Number.NaN, Number.NaN, 4)).rejects.toThrow(DataError);
    await expect(run(() => ({ kind: "diagonal", values: new Float64Array(3) }))).rejects.toThrow(
      "the Hessian must be 2 x 2, got 3 x 3",
    );
  });

  test("are refused as an array, which has no shape", async () => {
    const flat = { ...f, hessian: () => Float64Array.of(1, 0, 0, 1) as unknown as DenseMatrix };
    await expect(minimize(flat, x0, { method: gnsNewton, hessian: "exact" })).rejects.toThrow(
      "the Hessian must be a matrix { rows, columns, values }",
    );
  });

  test("have names", () => {
    expect(() => gnsNewton(f, x0, { hessian: "fisher" })).toThrow(
      'hessian must be one of auto, exact, products, differences, zero, diagonal or a function, got "fisher"',
    );
    const { hessianVectorProduct: _, hessian: __, ...bare } = f;
    expect(() => gnsNewton(bare, x0)).toThrow("the objective has no Hessian-vector products");
  });

  test.each([
    [{ gamma: 0 }, "gamma must be a positive number, got 0"],
    [{ gamma: Number.NaN }, "gamma must be a positive number, got NaN"],
    [{ growth: 1 }, "growth must be a finite number > 1, got 1"],
    [{ valueNoise: -1 }, "valueNoise must be a non-negative number, got -1"],
    [{ maxProducts: 0 }, "maxProducts must be a number of at least 1, got 0"],
  ])("options %j", (options, message) => {
    expect(() => gnsNewton(f, x0, options)).toThrow(message);
    expect(() => gnsNewton(f, x0, options)).toThrow(ArgumentError);
  });
});

test("a diagonal or a factor that is not finite is named by its place", async () => {
  const n = 3;
  const f = logisticRegression({ rows: 4, columns: n, values: gaussianNumbers(9, 4 * n) }, [1, -1, 1, -1]);
  const broken = new Float64Array(n).fill(1);
  broken[1] = Number.NaN;
  const run = (model: HessianModel) =>
    minimize(f, new Float64Array(n), { method: gnsNewton, hessian: () => model });
  await expect(run({ kind: "diagonal", values: broken })).rejects.toThrow(
    "the diagonal of the Hessian must be finite, got NaN at index 1",
  );
  await expect(
    run({ kind: "low-rank", vectors: column(broken), coefficients: Float64Array.of(1) }),
  ).rejects.toThrow("the vectors of the Hessian must be finite, got NaN in row 1, column 0");
});

test("a dense metric must be symmetric", () => {
  expect(() => denseMetric(denseMatrix([2, 1, 0, 2], 2, 2))).toThrow(
    "metric must be symmetric; row 1, column 0 is 0, its mirror 1",
  );
});
