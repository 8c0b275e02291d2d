import { add, array, cos, matmul, mean, mul, reshape, square, sub, sum, type Tensor } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { linearRegression } from "../../objectives/linear-regression.ts";
import { logisticRegression } from "../../objectives/logistic-regression.ts";
import type { Objective } from "../../objectives/objective.ts";
import { randomStream } from "../../random/stream.ts";
import { affineConstraints, sphereConstraint, subjectTo } from "./constraint-functions.ts";
import { equalityProblemFromGraph } from "./from-graph.ts";
import { minimizeEquality } from "./minimize-equality.ts";
import { expectDerivatives } from "./test-support.ts";

const stream = randomStream(2);
const normal = (length: number) => stream.fillNormal(new Float64Array(length));
const [rows, n] = [20, 5];
const design = { rows, columns: n, values: normal(rows * n) };
const labels = normal(rows).map((value) => (value > 0 ? 1 : -1));
const [A, b] = [denseMatrix(normal(2 * n), 2, n), normal(2)];

describe("subjectTo", () => {
  test("stacks constraints and keeps derivatives, with a Hessian and with products alone", async () => {
    const objective = logisticRegression(design, labels);
    const constraints = [affineConstraints(A, b), sphereConstraint(n, 1.5)];
    const lambda = normal(3);
    await expectDerivatives(subjectTo(objective, ...constraints), normal(n), lambda);
    const { hessian: _, ...products }: Objective = objective;
    await expectDerivatives(subjectTo(products, ...constraints), normal(n), lambda);
  });

  test("least squares on a plane has the solution of its KKT system", async () => {
    const target = normal(rows);
    const problem = subjectTo(linearRegression(design, target), affineConstraints(A, b));
    const { x, lambda, status } = await minimizeEquality(problem, new Float64Array(n), {
      sketch: "exact",
      tolerance: 1e-11,
    });
    expect(status).toBe("converged");
    const H = await problem.hessianLagrangian?.(x, lambda);
    const gradient = await problem.gradient(x);
    for (let j = 0; j < n; j++)
      expect(gradient[j] + lambda[0] * A.values[j] + lambda[1] * A.values[n + j]).toBeCloseTo(0, 9);
    expect(H).toMatchObject({ rows: n, columns: n });
  });

  test("what does not fit is named", () => {
    const objective = logisticRegression(design, labels);
    expect(() => subjectTo(objective)).toThrow("constraints must have at least one, got none");
    expect(() => subjectTo(objective, sphereConstraint(4))).toThrow(
      "must have the objective's dimension 5, got 4",
    );
    const { hessian: _, hessianVectorProduct: __, ...plain }: Objective = objective;
    expect(() => subjectTo(plain, sphereConstraint(n))).toThrow(ArgumentError);
    expect(() => affineConstraints(A, normal(3))).toThrow("b must have 2 numbers, got 3");
    expect(() => affineConstraints(denseMatrix([1, Number.NaN], 1, 2), Float64Array.of(1))).toThrow(
      DataError,
    );
    expect(() => sphereConstraint(0)).toThrow(ArgumentError);
    expect(() => sphereConstraint(3, -1)).toThrow("radius must be a positive number, got -1");
  });
});

describe("equalityProblemFromGraph", () => {
  const times = (M: Tensor, x: Tensor) => reshape(matmul(M, reshape(x, [n, 1])), [M.shape[0]]);
  const data = { x: array(design.values, [rows, n]), y: array(labels) };
  const make = () =>
    equalityProblemFromGraph(
      (x, d) => mean(square(sub(cos(times(d.x, x)), d.y))),
      (x, d) => add(square(times(d.a, x)), mul(d.b, sum(x))),
      n,
      { ...data, a: array(A), b: array(b) },
    );

  test("has the derivatives of the traced functions", async () => {
    using problem = await make();
    expect(problem).toMatchObject({ dimension: n, constraintCount: 2 });
    await expectDerivatives(problem, normal(n), normal(2));
  });

  test("is solved by every method of the family to the same value", async () => {
    using problem = await equalityProblemFromGraph(
      (x, d) => mean(square(sub(times(d.x, x), d.y))),
      (x, d) => sub(times(d.a, x), d.b),
      n,
      { ...data, a: array(A), b: array(b) },
    );
    const values: number[] = [];
    for (const method of ["ada-sketch-newton", "sqp-l1", "augmented-lagrangian"] as const) {
      const run = await minimizeEquality(problem, new Float64Array(n), { method, tolerance: 1e-6 });
      expect(run.status).toBe("converged");
      values.push(run.value);
    }
    expect(values[1]).toBeCloseTo(values[0], 5);
    expect(values[2]).toBeCloseTo(values[0], 5);
  });

  test("constraints that are no vector, and no dimension, are refused", async () => {
    await expect(
      equalityProblemFromGraph(
        (x) => sum(x),
        (x) => sum(x),
        n,
        {},
      ),
    ).rejects.toThrow("constraints must return a vector, got an array of shape []");
    await expect(
      equalityProblemFromGraph(
        (x) => sum(x),
        (x) => x,
        0,
        {},
      ),
    ).rejects.toThrow(ArgumentError);
  });
});
