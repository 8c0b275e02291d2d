import { expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import type { LinearOperator } from "../../linalg/operator/contract.ts";
import { counted } from "../../objectives/counted.ts";
import type { HessianModel } from "../../objectives/hessian-model.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import { withRidge } from "../../objectives/ridge.ts";
import { rosenbrock } from "../../objectives/rosenbrock.ts";
import { randomStream } from "../../random/stream.ts";
import { minimize } from "../minimize.ts";
import { cubicNewton } from "./cubic-newton.ts";
import { gnsNewton } from "./gns-newton.ts";
import { newtonCg } from "./newton-cg.ts";
import { superUniversalNewton } from "./super-universal-newton.ts";
import { trustRegion } from "./trust-region.ts";

const stream = randomStream(4);
const [rows, columns] = [60, 12];
const A = { rows, columns, values: stream.fillNormal(new Float64Array(rows * columns)) };
const labels = Float64Array.from({ length: rows }, (_, i) =>
  A.values[i * columns] + stream.normal() > 0 ? 1 : -1,
);
const logistic = withRidge(logisticRegression(A, labels), 1e-3);
const methods = { gnsNewton, superUniversalNewton, cubicNewton };

test.each(Object.entries(methods))(
  "%s by products alone reports as many as the objective was asked for",
  async (_, method) => {
    // the second is not convex: conjugate gradients end at directions of negative curvature
    for (const [given, x0] of [
      [logistic, new Float64Array(columns)],
      [rosenbrock(2), Float64Array.of(-1.2, 1)],
    ] as const) {
      const { objective, counts } = counted(given);
      const options = { method: method as typeof gnsNewton, hessian: "products" };
      const { products, status } = await minimize(objective, x0, options);
      expect(status).toBe("converged");
      expect(products).toBeGreaterThan(x0.length);
      expect(products).toBe(counts.hessianVectorProducts);
    }
  },
);

class LogisticHessian implements LinearOperator {
  readonly #x: Float64Array;

  constructor(x: Float64Array) {
    this.#x = x;
  }

  get rows() {
    return columns;
  }

  get columns() {
    return columns;
  }

  get symmetric() {
    return true;
  }

  apply(v: Float64Array, out: Float64Array): void {
    out.set(logistic.hessianVectorProduct(this.#x, v));
  }
}

test.each(Object.entries({ trustRegion, newtonCg }))(
  "%s takes operators of a class, and refuses those that return their product",
  async (_, method) => {
    const start = new Float64Array(columns);
    const run = (operatorAt: (x: Float64Array) => LinearOperator) =>
      minimize(logistic, start, {
        method,
        hessian: (x): HessianModel => ({ kind: "operator", operator: operatorAt(x) }),
      });
    const { status, products, x } = await run((x) => new LogisticHessian(x));
    const own = await minimize(logistic, start, { method });
    expect([status, products]).toEqual(["converged", own.products]);
    expect(x).toEqual(own.x);
    const returning = (x: Float64Array) => ({
      rows: columns,
      columns,
      symmetric: true,
      apply: (v: Float64Array) => logistic.hessianVectorProduct(x, v) as unknown as undefined,
    });
    await expect(run(returning)).rejects.toThrow("the Hessian.apply");
  },
);

test("gnsNewton counts what it chooses by itself: the curvature that it begins with, continued and exhausted solves", async () => {
  const { diagonalEstimate: _, ...plain } = logistic;
  // products are cheap beside the matrix, and then, from the fourth on, not
  for (const matrix of [1e6, 200]) {
    const { objective, counts } = counted({ ...plain, hessianFlops: { matrix, product: 200 } });
    const { iterate } = await solve(gnsNewton(objective, new Float64Array(columns)), {
      gradientTolerance: 1e-9,
    });
    expect(iterate.gradientNorm).toBeLessThanOrEqual(1e-9);
    expect(iterate.products).toBeGreaterThan(3);
    expect(iterate.products).toBe(counts.hessianVectorProducts);
    expect(counts.hessians > 0).toBe(matrix < 1e6);
  }
});

test("compiled conjugate gradients count as those of the host do", async () => {
  const stream = randomStream(5);
  const [rows, columns] = [3000, 400];
  const A = { rows, columns, values: stream.fillNormal(new Float64Array(rows * columns)) };
  const labels = Float64Array.from({ length: rows }, () => Math.sign(stream.normal()));
  const objective = logisticRegression(A, labels);
  const x0 = new Float64Array(columns);
  const options = { hessian: "products", gamma: 1 };
  const limits = { maxIterations: 3 };
  const compiled = await solve(gnsNewton(objective, x0, options), limits);
  const host = await solve(gnsNewton(counted(objective).objective, x0, options), limits);
  expect(compiled.iterate.products).toBe(host.iterate.products);
  expect(compiled.iterate.products).toBeGreaterThan(3);
});
