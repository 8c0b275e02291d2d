import { describe, expect, test } from "vitest";
import { DataError } from "../../check/errors.ts";
import { solve } from "../../iterate/iterate.ts";
import { quadratic } from "../../objectives/quadratic.ts";
import { minimizingMovement } from "./minimizing-movement.ts";
import { nelderMead } from "./nelder-mead.ts";
import { proximal } from "./proximal.ts";
import { softMoreauEnvelope } from "./soft-moreau-envelope.ts";

const ramp = (y: number) => 50 * Math.max(-y, 0);

describe("the proximal point", () => {
  test("of |y| is the soft threshold, of a quadratic the shrunk point, of a constant the point", () => {
    const close = (f: (y: number) => number, x: number, tau: number, exact: number) =>
      expect(Math.abs(proximal(f, x, tau) - exact)).toBeLessThan(1e-7 * Math.max(1, Math.abs(x)));
    for (const [x, tau] of [
      [0.2, 0.5],
      [3, 0.5],
      [-2, 0.7],
      [1e-6, 1e-3],
      [1e5, 10],
    ]) {
      close(Math.abs, x, tau, Math.sign(x) * Math.max(Math.abs(x) - tau, 0));
      close((y) => 3 * (y - 1) ** 2, x, tau, (x + 6 * tau) / (1 + 6 * tau));
      close(() => 4, x, tau, x);
    }
    expect(proximal(ramp, 0, 0.5)).toBeCloseTo(0, 12);
    expect(proximal(ramp, -30, 0.5)).toBeCloseTo(-5, 7);
  });

  test("names what it cannot minimize", () => {
    expect(() => proximal((y) => -y * y, 1, 1)).toThrow(DataError);
    expect(() => proximal(() => Number.NaN, 1, 1)).toThrow("f must not be NaN");
    expect(() => proximal(Math.abs, 1, 0)).toThrow("stepSize must be a positive number");
    expect(() => proximal(Math.abs, Number.NaN, 1)).toThrow("x must be a finite number");
  });
});

describe("the soft Moreau envelope", () => {
  test("of a quadratic has its closed form, and its consensus is the proximal point for every alpha", () => {
    const [a, c, x, tau] = [2.5, 0.7, -1.3, 0.4];
    for (const alpha of [1e-2, 1, 30, 1e4]) {
      const { value, consensus } = softMoreauEnvelope((y) => (a * (y - c) ** 2) / 2, x, {
        stepSize: tau,
        inverseTemperature: alpha,
      });
      const exact = (a * (x - c) ** 2) / (2 * (1 + a * tau)) + Math.log(1 + a * tau) / (2 * alpha);
      expect(value).toBeCloseTo(exact, 11);
      expect(Math.abs(consensus - (x + a * tau * c) / (1 + a * tau))).toBeLessThan(1e-12);
    }
  });

  test.each([1e8, 1e10, 1e12, 1e16, 1e20])("ends where alpha makes rounding errors large: %d", (alpha) => {
    let calls = 0;
    const f = (y: number) => {
      calls += 1;
      return y * y;
    };
    const { value, consensus } = softMoreauEnvelope(f, 1, { stepSize: 1, inverseTemperature: alpha });
    expect(value).toBeCloseTo(1 / 3 + Math.log(3) / (2 * alpha), 14);
    // as close as values of f tell, or as the law is narrow
    expect(Math.abs(consensus - 1 / 3)).toBeLessThan(Math.max(1e-12, Math.min(2e-8, alpha * 1e-25)));
    expect(calls).toBeLessThan(2e5);
  });

  test("a constant added to f shifts the value by as much, however large", () => {
    let calls = 0;
    const options = { stepSize: 1, inverseTemperature: 100 };
    const shifted = (y: number) => {
      calls += 1;
      return Math.abs(y) + 1e8;
    };
    const plain = softMoreauEnvelope(Math.abs, 1, options);
    const { value, consensus } = softMoreauEnvelope(shifted, 1, options);
    expect(Math.abs(value - 1e8 - plain.value)).toBeLessThan(1e-7);
    expect(Math.abs(consensus - plain.consensus)).toBeLessThan(1e-7);
    expect(calls).toBeLessThan(2e5);
  });

  test("of |y| is what the normal distribution function gives", () => {
    // E exp(-alpha |y|), y ~ N(0, w^2), is 2 exp(alpha^2 w^2 / 2) Phi(-alpha w); at alpha w = 1: Phi(-1) = 0.15865525393145707
    const alpha = 4;
    const { value, consensus } = softMoreauEnvelope(Math.abs, 0, {
      stepSize: 1 / alpha,
      inverseTemperature: alpha,
    });
    expect(value).toBeCloseTo(-Math.log(2 * Math.exp(0.5) * 0.15865525393145707) / alpha, 11);
    expect(consensus).toBeCloseTo(0, 13);
  });

  test("its gradient step is the hop", () => {
    const options = { stepSize: 0.5, inverseTemperature: 20 };
    for (const f of [(y: number) => y ** 4 / 4, Math.abs, ramp])
      for (const x of [-1.2, -0.3, 0.05, 0.7, 1.4]) {
        const h = 1e-4;
        const at = (z: number) => softMoreauEnvelope(f, z, options).value;
        const slope = (at(x + h) - at(x - h)) / (2 * h);
        const { consensus } = softMoreauEnvelope(f, x, options);
        expect(Math.abs(consensus - x + 0.5 * slope)).toBeLessThan(1e-6);
      }
  });

  test("at a ramp the hop stays sqrt(2 tau / (pi alpha)) away from the proximal point", () => {
    const [tau, alpha] = [0.5, 1e4];
    const found = softMoreauEnvelope((y) => 5000 * Math.max(-y, 0), 0, {
      stepSize: tau,
      inverseTemperature: alpha,
    });
    expect(found.consensus / Math.sqrt((2 * tau) / (Math.PI * alpha))).toBeCloseTo(1, 2);
    expect(found.proximal).toBeCloseTo(0, 12);
  });

  test("refuses what is out of bounds", () => {
    const given = { stepSize: 1, inverseTemperature: 1 };
    expect(() => softMoreauEnvelope(Math.abs, 0, { ...given, stepSize: -1 })).toThrow("stepSize must be");
    expect(() => softMoreauEnvelope(Math.abs, 0, { ...given, inverseTemperature: 0 })).toThrow(
      "inverseTemperature must be a positive number",
    );
  });
});

describe("the minimizing movement", () => {
  const A = { rows: 2, columns: 2, values: Float64Array.of(3, 1, 1, 2) };
  const f = quadratic(A, [1, -1]);

  test("on a quadratic solves (A + I/tau) x = b + x0/tau, by L-BFGS and by values", async () => {
    const x0 = Float64Array.of(2, 5);
    const tau = 0.5;
    const [a, b, c] = [3 + 1 / tau, 1, 2 + 1 / tau];
    const g = f.gradient(new Float64Array(2));
    const right = [x0[0] / tau - g[0], x0[1] / tau - g[1]];
    const determinant = a * c - b * b;
    const exact = [(c * right[0] - b * right[1]) / determinant, (a * right[1] - b * right[0]) / determinant];
    const byGradients = await solve(minimizingMovement(f, x0, { stepSize: tau }), { maxIterations: 1 });
    const byValues = await solve(
      minimizingMovement(f, x0, {
        stepSize: tau,
        solver: async (objective, x) =>
          (await solve(nelderMead(objective, x, { pointTolerance: 1e-10, valueTolerance: 1e-14 }))).iterate
            .bestPoint,
      }),
      { maxIterations: 1 },
    );
    exact.forEach((value, j) => {
      expect(byGradients.iterate.x[j]).toBeCloseTo(value, 9);
      expect(byValues.iterate.x[j]).toBeCloseTo(value, 6);
    });
  });

  test("never increases the value, and resumes bit for bit", async () => {
    const x0 = Float64Array.of(2, 5);
    const options = { stepSize: 0.2 } as const;
    const iterates = [];
    for await (const iterate of minimizingMovement(f, x0, options)) if (iterates.push(iterate) === 8) break;
    for (let k = 1; k < 8; k++) expect(iterates[k].value).toBeLessThan(iterates[k - 1].value);
    const { iterate } = await solve(minimizingMovement(f, x0, { ...options, resume: iterates[3] }), {
      maxIterations: 7,
    });
    expect(iterate.x).toEqual(iterates[7].x);
    expect(() => minimizingMovement(f, x0, { stepSize: 0 })).toThrow("stepSize must be a positive number");
    expect(() => minimizingMovement(f, Float64Array.of(1), options)).toThrow("x0 must have 2 numbers, got 1");
  });
});
