import { expect, test } from "vitest";
import { singularValueDecomposition } from "../../linalg/factorize/singular-values.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import type { PrimalDualPoint } from "./problem.ts";
import { secondOrderCorrection } from "./second-order-correction.ts";

const [m, n] = [3, 7];
const stream = randomStream(4);
const normal = (size: number) => stream.fillNormal(new Float64Array(size));
const pointOf = (jacobian: Float64Array): PrimalDualPoint => ({
  x: new Float64Array(n),
  lambda: new Float64Array(m),
  value: 0,
  gradient: new Float64Array(n),
  constraints: normal(m),
  jacobian,
  lagrangianGradient: new Float64Array(n),
  kkt: 0,
});

test("the correction is the shortest that takes constraints to their linear model", () => {
  const point = pointOf(normal(m * n));
  const [p, at] = [normal(n), normal(m)];
  const d = secondOrderCorrection(point, p, at);
  const product = (v: Float64Array) =>
    Float64Array.from({ length: m }, (_, i) =>
      v.reduce((sum, value, j) => sum + value * point.jacobian[i * n + j], 0),
    );
  const [Gp, Gd] = [product(p), product(d)];
  for (let i = 0; i < m; i++) expect(at[i] + Gd[i]).toBeCloseTo(point.constraints[i] + Gp[i], 12);
  // no part of it is in the null space of G
  const { V, s } = singularValueDecomposition(denseMatrix(point.jacobian, m, n));
  expect(s[m - 1]).toBeGreaterThan(0.1);
  let within = 0;
  for (let k = 0; k < m; k++)
    within += d.reduce((sum, value, j) => sum + value * V.values[j * V.columns + k], 0) ** 2;
  expect(within).toBeCloseTo(
    d.reduce((sum, value) => sum + value * value, 0),
    12,
  );
});

test("of dependent constraints it is that of the independent ones", () => {
  const rows = [normal(n), normal(n)];
  const twice = { ...pointOf(Float64Array.from([...rows[0], ...rows[1], ...rows[0].map((v) => 2 * v)])) };
  const constraints = Float64Array.of(1, 2, 2);
  const [p, at] = [normal(n), Float64Array.of(4, 3, 8)];
  const d = secondOrderCorrection({ ...twice, constraints }, p, at);
  const once = pointOf(twice.jacobian.slice(0, 2 * n));
  const wanted = secondOrderCorrection({ ...once, constraints: constraints.slice(0, 2) }, p, at.slice(0, 2));
  for (let j = 0; j < n; j++) expect(d[j]).toBeCloseTo(wanted[j], 12);
});
