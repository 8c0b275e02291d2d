import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { hessianOperator } from "./hessian-model.ts";
import { linearRegression } from "./linear-regression.ts";
import { chebyshevResidual, type HostResidual, linearResidual, rosenbrockResidual } from "./residual.ts";
import { residualPower } from "./residual-power.ts";
import { rosenbrock } from "./rosenbrock.ts";
import { distance, expectDerivatives } from "./test-support.ts";

const stream = randomStream(5);
const A = { rows: 4, columns: 6, values: stream.fillNormal(new Float64Array(24)) };
const b = stream.fillNormal(new Float64Array(4));
const residuals: [string, HostResidual][] = [
  ["linear", linearResidual(A, b)],
  ["Rosenbrock", rosenbrockResidual],
  ["Chebyshev", chebyshevResidual(5)],
];
const point = (residual: HostResidual) => stream.fillNormal(new Float64Array(residual.dimension));

describe.each(residuals)("%s residual", (_, residual) => {
  test.each([2, 2.5, 3, 4, 6])("to the power %d has the derivatives of its value", async (power) => {
    const objective = residualPower(residual, { power });
    for (let trial = 0; trial < 3; trial++)
      await expectDerivatives(
        objective,
        point(residual).map((v) => v / 2),
        { tolerance: 3e-6 },
      );
  });

  test.each([2, 4])(
    "to the power %d: Gauss-Newton is the Hessian without the residual's curvature",
    async (power) => {
      const x = point(residual);
      const { approximations } = residualPower(residual, { power });
      // the same residual made affine at x has the same Jacobian and no curvature
      const affine = linearResidual(residual.jacobian(x), new Float64Array(residual.count));
      const shift = affine.value(x).map((v, i) => v - residual.value(x)[i]);
      const flat = residualPower(linearResidual(residual.jacobian(x), shift), { power });
      const model = approximations.gaussNewton(x);
      if (model.kind !== "dense") expect.fail("wanted a dense matrix");
      const { values } = model.matrix;
      expect(distance(values, flat.hessian(x).values) / Math.max(...values)).toBeLessThan(1e-12);
    },
  );

  test("the Fisher term is ((p - 2)/r^p) g g^T", () => {
    const x = point(residual);
    const objective = residualPower(residual, { power: 4 });
    const { value, gradient } = objective.valueAndGradient(x);
    const fisher = hessianOperator(objective.approximations.fisherTerm(x), residual.dimension);
    const product = new Float64Array(residual.dimension);
    fisher.apply(gradient, product);
    const square = gradient.reduce((sum, g) => sum + g * g, 0);
    const expected = gradient.map((g) => (2 / (4 * value)) * g * square); // r^p = p f
    expect(distance(product, expected) / Math.max(...expected.map(Math.abs))).toBeLessThan(1e-12);
  });
});

test("power 2 of a linear residual is least squares, and of Rosenbrock's half the function", () => {
  const x = point(residuals[0][1]);
  expect(residualPower(linearResidual(A, b)).value(x)).toBeCloseTo(linearRegression(A, b).value(x), 12);
  const y = Float64Array.of(-1.2, 1);
  expect(2 * residualPower(rosenbrockResidual).value(y)).toBeCloseTo(rosenbrock().value(y), 12);
});

test("is finite at a root, where the Hessian is 0 for powers above 2", () => {
  for (const [residual, root] of [
    [rosenbrockResidual, Float64Array.of(1, 1)],
    [chebyshevResidual(4), new Float64Array(4).fill(1)],
  ] as const) {
    const objective = residualPower(residual, { power: 3 });
    const n = residual.dimension;
    expect(objective.valueAndGradient(root)).toEqual({ value: 0, gradient: new Float64Array(n) });
    expect(objective.hessian(root).values.every((h) => h === 0)).toBe(true);
    expect(objective.approximations.fisherTerm(root)).toMatchObject({ coefficients: Float64Array.of(0) });
    expect(
      residualPower(residual)
        .hessian(root)
        .values.some((h) => h > 0),
    ).toBe(true);
  }
});

test("gives infinity where it overflows, for a line search to reject", () => {
  expect(residualPower(rosenbrockResidual, { power: 5 }).value(Float64Array.of(1e200, 0))).toBe(
    Number.POSITIVE_INFINITY,
  );
});

test("rejects powers below 2 and dimensions that are none", () => {
  expect(() => residualPower(rosenbrockResidual, { power: 1.5 })).toThrow(ArgumentError);
  expect(() => chebyshevResidual(1)).toThrow("dimension must be an integer of at least 2, got 1");
});
