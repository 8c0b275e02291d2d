import { expect, test } from "vitest";
import { dot, norm2 } from "../../linalg/vector.ts";
import type { Residual } from "../../objectives/residual.ts";
import { minimize } from "../minimize.ts";
import { gaussNewton } from "./gauss-newton.ts";
import { levenbergMarquardt } from "./levenberg-marquardt.ts";
import { residualObjective } from "./residual-objective.ts";

/** A decay  amplitude e^{-t / time}  at 20 instants, without noise: the amplitude is `unit`, the time 2 `clock`. */
function decay(unit: number, clock: number): Residual {
  const instants = Array.from({ length: 20 }, (_, i) => 0.5 * i * clock);
  return {
    dimension: 2,
    count: 20,
    value: ([amplitude, time]) =>
      Float64Array.from(instants, (t) => amplitude * Math.exp(-t / time) - unit * Math.exp(-t / (2 * clock))),
    jacobian: ([amplitude, time]) => ({
      rows: 20,
      columns: 2,
      values: Float64Array.from(
        instants.flatMap((t) => [Math.exp(-t / time), (amplitude * Math.exp(-t / time) * t) / time ** 2]),
      ),
    }),
  };
}

test.each(Object.entries({ gaussNewton, levenbergMarquardt }))(
  "%s ends by its own tolerance in any units of the parameters",
  async (_, method) => {
    // a decay beside a constant, which it cannot fit
    for (const clock of [1e-12, 1, 1e12]) {
      const { value, jacobian, ...sizes } = decay(1, clock);
      const off = {
        ...sizes,
        jacobian,
        value: async (x: Float64Array) => (await value(x)).map((u, i) => u - (i % 2)),
      };
      const fit = await minimize(off, Float64Array.of(0.5, 3 * clock), {
        method: method as typeof gaussNewton,
      });
      expect({ clock, status: fit.status }).toEqual({ clock, status: "converged" });
      expect(fit.gradientNorm).toBeLessThanOrEqual(1e-8);
      const J = await jacobian(fit.x);
      // orthogonal to both columns
      const u = await off.value(fit.x);
      for (const j of [0, 1]) {
        const column = u.map((_, i) => J.values[2 * i + j]);
        expect(Math.abs(dot(u, column)) / (norm2(u) * norm2(column))).toBeLessThan(1e-8);
      }
    }
  },
);

test("the gradient's measure is that of its own point, also after a search has been elsewhere", async () => {
  const objective = residualObjective(decay(1, 1));
  const [here, there] = [Float64Array.of(0.5, 3), Float64Array.of(2, 0.1)];
  const gradient = await objective.gradient(here);
  const measured = objective.measure(gradient, here);
  await objective.gradient(there);
  expect(objective.measure(gradient, here)).toBe(measured);
});

test("a plateau, on which a parameter has lost its effect, is not called converged", async () => {
  // NIST's BoxBOD from its first start: the rate grows to 115, where the curve is a constant
  const [t, y] = [
    [1, 2, 3, 5, 7, 10],
    [109, 149, 149, 191, 213, 224],
  ];
  const box: Residual = {
    dimension: 2,
    count: 6,
    value: ([limit, rate]) => Float64Array.from(t, (ti, i) => limit * (1 - Math.exp(-rate * ti)) - y[i]),
    jacobian: ([limit, rate]) => ({
      rows: 6,
      columns: 2,
      values: Float64Array.from(
        t.flatMap((ti) => [1 - Math.exp(-rate * ti), limit * ti * Math.exp(-rate * ti)]),
      ),
    }),
  };
  const far = await minimize(box, Float64Array.of(1, 1), { method: levenbergMarquardt });
  expect(far.status).not.toBe("converged");
  expect(far.gradientNorm).toBeGreaterThan(1);
  const near = await minimize(box, Float64Array.of(100, 0.75), { method: levenbergMarquardt });
  const slower = await minimize(box, Float64Array.of(1, 1), {
    method: (residual: Residual, x0: Float64Array) => levenbergMarquardt(residual, x0, { radius: 10 }),
  });
  for (const { status, value } of [near, slower]) {
    expect(status).toBe("converged");
    expect(2 * value).toBeCloseTo(1168.0088766, 6); // certified
  }
});

test.each(Object.entries({ gaussNewton, levenbergMarquardt }))(
  "%s fits an amplitude and a time in any units",
  async (_, method) => {
    // columns of the Jacobian differ by up to 1e24
    for (const [unit, clock] of [
      [1, 1],
      [1e9, 1e-9],
      [1e12, 1e-12],
      [1e-9, 1e9],
      [1, 1e20],
    ]) {
      const start = Float64Array.of(0.5 * unit, 3 * clock);
      const { x, status } = await minimize(decay(unit, clock), start, {
        method: method as typeof gaussNewton,
        gradientTolerance: 0,
        valueTolerance: 1e-20 * unit ** 2,
        optimum: 0,
      });
      expect({ unit, status }).toEqual({ unit, status: "converged" });
      expect(x[0] / unit).toBeCloseTo(1, 8);
      expect(x[1] / clock).toBeCloseTo(2, 8);
    }
  },
);
