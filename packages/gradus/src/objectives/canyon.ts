import { checkNonNegative } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { portableExp } from "../random/elementary.ts";
import type { HostObjective } from "./objective.ts";
import { pointObjective } from "./point-function.ts";
import { squaredSineOfHalfTurns } from "./squared-sine.ts";

/** The waves have 0.375 periods a unit: 1 - cos(0.75 pi t) = 2 sin^2(0.375 pi t). */
const WAVE = 0.375;

/** a, the distance from the floor of the valley along q. */
const aboveFloor = (p: number, q: number): number => q - (((p - 1) * (p - 4) * (p - 4)) / 8 + 2);

/**
 * A canyon in the plane x = (p, q): a narrow, winding valley that falls toward the origin, with waves on its floor and a
 * step across it
 *
 *     f(x) = 25 (1 - exp(-1.4 a^2 exp(-0.002 p^4))) + 0.4 p^2 + 0.2 q^2
 *            + c (2 - cos(0.75 pi p) - cos(0.75 pi q)) + 4 exp(1 - 2 a^4) max((1 - exp(-9 s^2)) sign(s), 0),
 *     a = q - (p - 1)(p - 4)^2 / 8 - 2,  s = -p - 1.6 q
 *
 * with the global minimum 0 at 0. Gradient descent from (8, 8) ends in a local minimum where f = 3.86. The second
 * derivatives jump on the line s = 0.
 * Source: Riedl, Klock, Geldhauser & Fornasier 2023, "Gradient is All You Need?", code of Figures 1 and 2.
 *
 * @param options.waves c >= 0; 0.25 for low waves
 * @throws ArgumentError unless waves is finite and >= 0
 */
export function canyon(
  options: { waves?: number } = {},
): HostObjective & Required<Pick<HostObjective, "values">> {
  checkOptions("canyon", options, ["waves"]);
  const { waves = 1.1625 } = options;
  checkNonNegative({ waves });
  return pointObjective(2, {
    value(points, at) {
      const p = points[at];
      const q = points[at + 1];
      const a = aboveFloor(p, q);
      const s = -p - 1.6 * q;
      const square = a * a;
      const walls = 25 * (1 - portableExp(-1.4 * square * portableExp(-0.002 * p * p * p * p)));
      const floor = 2 * waves * (squaredSineOfHalfTurns(WAVE * p) + squaredSineOfHalfTurns(WAVE * q));
      const step = s > 0 ? 4 * portableExp(1 - 2 * square * square) * (1 - portableExp(-9 * s * s)) : 0;
      return walls + 0.4 * p * p + 0.2 * q * q + floor + step;
    },
    gradient(x, out) {
      const [p, q] = x;
      const a = aboveFloor(p, q);
      const slope = -((p - 4) ** 2 + 2 * (p - 1) * (p - 4)) / 8;
      const s = -p - 1.6 * q;
      const fade = portableExp(-0.002 * p ** 4);
      // d/dt of 25 (1 - exp(-t)), t = 1.4 a^2 fade
      const wall = 25 * portableExp(-1.4 * a * a * fade) * 1.4 * a * fade;
      out[0] = wall * (2 * slope - 0.008 * a * p ** 3) + 0.8 * p;
      out[1] = 2 * wall + 0.4 * q;
      out[0] += waves * 0.75 * Math.PI * Math.sin(0.75 * Math.PI * p);
      out[1] += waves * 0.75 * Math.PI * Math.sin(0.75 * Math.PI * q);
      if (s <= 0) return;
      const bump = 4 * portableExp(1 - 2 * a ** 4);
      const rise = 1 - portableExp(-9 * s * s);
      const alongA = -8 * a ** 3 * bump * rise;
      const alongS = bump * 18 * s * (1 - rise);
      out[0] += alongA * slope - alongS;
      out[1] += alongA - 1.6 * alongS;
    },
  });
}
