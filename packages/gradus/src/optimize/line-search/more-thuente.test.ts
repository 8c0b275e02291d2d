import { expect, test } from "vitest";
import type { HostObjective } from "../../objectives/objective.ts";
import { acceptedStep } from "./accepted-step-testing.ts";
import { strongWolfe } from "./strong-wolfe.ts";

type Scalar = (t: number) => number;

function line(value: Scalar, slope: Scalar): HostObjective {
  return {
    dimension: 1,
    value: ([t]) => value(t),
    gradient: ([t]) => Float64Array.of(slope(t)),
    valueAndGradient: ([t]) => ({ value: value(t), gradient: Float64Array.of(slope(t)) }),
  };
}

/** Equations 5.3: a straight fall and rise joined by a parabola, and a wave with 39 bends. */
function wave(beta = 0.01, bends = 39): HostObjective {
  const angle = (bends * Math.PI) / 2;
  const inside = (t: number) => Math.abs(t - 1) < beta;
  return line(
    (t) =>
      (inside(t) ? (t - 1) ** 2 / (2 * beta) + beta / 2 : Math.abs(t - 1)) +
      ((1 - beta) / angle) * Math.sin(angle * t),
    (t) => (inside(t) ? (t - 1) / beta : Math.sign(t - 1)) + (1 - beta) * Math.cos(angle * t),
  );
}

/** Equation 5.4, of Yanai, Ozawa and Kaneko: two sharp bends. */
function bends(beta1: number, beta2: number): HostObjective {
  const weight = (beta: number) => Math.sqrt(1 + beta * beta) - beta;
  const [w1, w2] = [weight(beta1), weight(beta2)];
  return line(
    (t) => w1 * Math.hypot(1 - t, beta2) + w2 * Math.hypot(t, beta1),
    (t) => (-w1 * (1 - t)) / Math.hypot(1 - t, beta2) + (w2 * t) / Math.hypot(t, beta1),
  );
}

/** The functions, c1 and c2 of tables 1 to 6 (c1 a little smaller where both are equal there). */
const functions: readonly [string, HostObjective, number, number][] = [
  [
    "5.1",
    line(
      (t) => -t / (t * t + 2),
      (t) => (t * t - 2) / (t * t + 2) ** 2,
    ),
    1e-3,
    0.1,
  ],
  [
    "5.2",
    line(
      (t) => (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4,
      (t) => 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3,
    ),
    0.0999,
    0.1,
  ],
  ["5.3", wave(), 0.0999, 0.1],
  ["5.4 with 0.001 and 0.001", bends(1e-3, 1e-3), 0.99e-3, 1e-3],
  ["5.4 with 0.01 and 0.001", bends(1e-2, 1e-3), 0.99e-3, 1e-3],
  ["5.4 with 0.001 and 0.01", bends(1e-3, 1e-2), 0.99e-3, 1e-3],
];

test.each(functions)(
  "the conditions are met on function %s of Moré and Thuente (1994), from steps 1e-3 to 1e3",
  (_, f, sufficientDecrease, curvature) => {
    const x = Float64Array.of(0);
    const { value, gradient } = f.valueAndGradient(x);
    for (const initialStep of [1e-3, 1e-1, 1e1, 1e3]) {
      const start = { x, value, gradient, direction: Float64Array.of(1) };
      const step = acceptedStep(strongWolfe(f, start, { initialStep, sufficientDecrease, curvature }));
      const [slope] = f.gradient(step.x);
      expect(f.value(step.x)).toBeLessThanOrEqual(value + sufficientDecrease * step.stepSize * gradient[0]);
      expect(Math.abs(slope)).toBeLessThanOrEqual(curvature * Math.abs(gradient[0]));
    }
  },
);
