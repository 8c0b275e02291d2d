import { expect, test } from "vitest";
import type { Residual } from "../../objectives/residual.ts";
import { minimize } from "../minimize.ts";
import { levenbergMarquardt } from "./levenberg-marquardt.ts";

/**
 * Two of the sets of NIST's Statistical Reference Datasets (nonlinear regression, "higher level of difficulty"): from the
 * first start the parameters are up to 7e4 times their values at the minimum.
 */
interface Certified {
  readonly starts: readonly (readonly number[])[];
  readonly parameters: readonly number[];
  readonly sumOfSquares: number;
  readonly residual: Residual;
}

function residualOf(
  y: readonly number[],
  dimension: number,
  curve: (i: number, b: Float64Array) => { readonly value: number; readonly slopes: readonly number[] },
): Residual {
  return {
    dimension,
    count: y.length,
    value: (b) => Float64Array.from(y, (yi, i) => curve(i, b).value - yi),
    jacobian: (b) => ({
      rows: y.length,
      columns: dimension,
      values: Float64Array.from(y.flatMap((_, i) => curve(i, b).slopes)),
    }),
  };
}

/** y = b1 exp(b2 / (x + b3)). */
const mgh10: Certified = {
  starts: [
    [2, 400000, 25000],
    [0.02, 4000, 250],
  ],
  parameters: [5.609636471e-3, 6.1813463463e3, 3.4522363462e2],
  sumOfSquares: 8.7945855171e1,
  residual: residualOf(
    [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872],
    3,
    (i, [b1, b2, b3]) => {
      const shifted = 50 + 5 * i + b3;
      const e = Math.exp(b2 / shifted);
      return { value: b1 * e, slopes: [e, (b1 * e) / shifted, (-b1 * b2 * e) / shifted ** 2] };
    },
  ),
};

/** y = b1 + b2 exp(-b4 x) + b3 exp(-b5 x). */
const mgh17: Certified = {
  starts: [
    [50, 150, -100, 1, 2],
    [0.5, 1.5, -1, 0.01, 0.02],
  ],
  parameters: [3.7541005211e-1, 1.9358469127, -1.4646871366, 1.286753464e-2, 2.2122699662e-2],
  sumOfSquares: 5.4648946975e-5,
  residual: residualOf(
    [
      0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628,
      0.603, 0.58, 0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42,
      0.414, 0.411, 0.406,
    ],
    5,
    (i, [b1, b2, b3, b4, b5]) => {
      const x = 10 * i;
      const [p, q] = [Math.exp(-b4 * x), Math.exp(-b5 * x)];
      return { value: b1 + b2 * p + b3 * q, slopes: [1, p, q, -b2 * x * p, -b3 * x * q] };
    },
  ),
};

test.each(Object.entries({ mgh10, mgh17 }))(
  "the certified fit of %s, from both starts",
  async (_, problem) => {
    for (const start of problem.starts) {
      const fit = await minimize(problem.residual, Float64Array.from(start), {
        method: levenbergMarquardt,
        maxIterations: 1000,
      });
      expect(fit.status).toBe("converged");
      expect((2 * fit.value) / problem.sumOfSquares).toBeCloseTo(1, 9);
      // four digits are what NIST asks of a good program
      problem.parameters.forEach((certified, j) => {
        expect(fit.x[j] / certified).toBeCloseTo(1, 4);
      });
    }
  },
);
