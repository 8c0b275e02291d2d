import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { counted } from "./counted.ts";
import { hessianOperator, zeroHessian } from "./hessian-model.ts";
import { logisticRegression } from "./logistic-regression.ts";
import { l1Penalty, nonnegativeL1Penalty, type SeparablePenalty } from "./penalty.ts";
import { rastrigin } from "./rastrigin.ts";
import { rosenbrockResidual } from "./residual.ts";
import { residualPower } from "./residual-power.ts";
import { withRidge } from "./ridge.ts";
import { distance, expectDerivatives } from "./test-support.ts";

const stream = randomStream(6);
const A = { rows: 8, columns: 3, values: stream.fillNormal(new Float64Array(24)) };
const logistic = logisticRegression(A, [1, -1, 1, 1, -1, -1, 1, -1]);
const x = stream.fillNormal(new Float64Array(3));
const v = stream.fillNormal(new Float64Array(3));

describe("counted", () => {
  test("counts every oracle and changes no answer", () => {
    const { objective, counts } = counted(logistic);
    expect(objective.value(x)).toBe(logistic.value(x));
    expect(objective.valueAndGradient(x)).toEqual(logistic.valueAndGradient(x));
    expect(objective.gradient(x)).toEqual(logistic.gradient(x));
    expect(objective.hessianVectorProduct?.(x, v)).toEqual(logistic.hessianVectorProduct(x, v));
    expect(objective.hessian?.(x)).toEqual(logistic.hessian(x));
    expect(objective.approximations?.bound(x)).toEqual(logistic.approximations.bound(x));
    expect(counts).toEqual({ values: 2, gradients: 2, hessianVectorProducts: 1, hessians: 2 });
  });

  test("counts the points of a batch, and offers only what the objective does", () => {
    const { objective, counts } = counted(rastrigin(2));
    objective.values?.(new Float64Array(10));
    expect(counts.values).toBe(5);
    expect(counted(residualPower(rosenbrockResidual)).objective.hessianVectorProduct).toBeUndefined();
    expect(counted(residualPower(rosenbrockResidual)).objective.values).toBeUndefined();
  });
});

describe("withRidge", () => {
  const ridged = withRidge(logistic, 0.7);

  test("has the derivatives of its value", async () => {
    await expectDerivatives(ridged, x);
    expect(ridged.value(x) - logistic.value(x)).toBeCloseTo(
      0.35 * x.reduce((sum, xj) => sum + xj * xj, 0),
      14,
    );
  });

  test("estimates the diagonal of its Hessian, exactly where all rows have the same curvature", () => {
    const zeros = new Float64Array(3);
    const { values } = ridged.hessian(zeros);
    ridged.diagonalEstimate?.(zeros).forEach((h, j) => {
      expect(h).toBeCloseTo(values[4 * j], 14);
    });
    expect(ridged.diagonalEstimate?.(zeros)).toHaveLength(3);
  });

  test.each(["bound", "diagonal", "zero"])("shifts the approximation %s by the weight", (name) => {
    const before = hessianOperator(logistic.approximations[name](x), 3);
    const model = ridged.approximations?.[name](x) ?? zeroHessian;
    const after = hessianOperator(model, 3);
    const [plain, shifted] = [new Float64Array(3), new Float64Array(3)];
    before.apply(v, plain);
    after.apply(v, shifted);
    expect(
      distance(
        shifted,
        plain.map((h, j) => h + 0.7 * v[j]),
      ),
    ).toBeLessThan(1e-15);
  });

  test("rejects a negative weight", () => {
    expect(() => withRidge(logistic, -1)).toThrow(ArgumentError);
  });
});

describe("penalties", () => {
  const numbers = fc.double({ min: -20, max: 20, noNaN: true });
  const penalties: [string, SeparablePenalty][] = [
    ["l1", l1Penalty(1.5)],
    ["nonnegative l1", nonnegativeL1Penalty(1.5)],
    ["nonnegativity", nonnegativeL1Penalty()],
  ];

  test.each(penalties)("the proximal map of %s is no worse than any other point", (_, penalty) => {
    fc.assert(
      fc.property(numbers, numbers, fc.double({ min: 0.01, max: 5, noNaN: true }), (at, other, step) => {
        const model = (y: number) => penalty.value(Float64Array.of(y)) + (y - at) ** 2 / (2 * step);
        const best = model(penalty.proximal(at, step));
        expect(best).toBeLessThanOrEqual(model(other) + 1e-9 * (1 + best));
      }),
    );
  });

  test("rejects a negative weight", () => {
    expect(() => l1Penalty(-1)).toThrow("weight must be a non-negative number, got -1");
  });
});

test("hessianOperator rejects a model of another order", () => {
  const model = { kind: "diagonal", values: Float64Array.of(1, 2) } as const;
  expect(() => hessianOperator(model, 3)).toThrow("the Hessian must be 3 x 3, got 2 x 2");
});
