import { expect, test } from "vitest";
import type { Residual } from "../../objectives/residual.ts";
import { minimize } from "../minimize.ts";
import { gaussNewton } from "./gauss-newton.ts";
import { levenbergMarquardt } from "./levenberg-marquardt.ts";

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
