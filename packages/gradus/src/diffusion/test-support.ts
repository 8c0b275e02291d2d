import { expect } from "vitest";
import type { ForwardProcess } from "./processes/contract.ts";

/** Expects the moments of a process to solve its differential equations, and its reverse step to invert them. */
export function expectConsistentProcess(process: ForwardProcess): void {
  const { startTime, endTime } = process;
  for (let k = 0; k <= 4; k++) {
    const t = startTime + ((0.1 + 0.2 * k) * (endTime - startTime)) / 1.1;
    const step = 1e-5 * t;
    const slope = (f: (t: number) => number) => (f(t + step) - f(t - step)) / (2 * step);
    const { rate, drift, diffusion, scale, shift, variance } = process;
    expect(slope(scale)).toBeCloseTo(rate(t) * scale(t), 6);
    expect(slope(shift)).toBeCloseTo(rate(t) * shift(t) + drift(t), 6);
    expect(slope(variance)).toBeCloseTo(2 * rate(t) * variance(t) + diffusion(t), 6);
    const to = startTime + 0.4 * (t - startTime);
    const back = process.reverseStep(t, to);
    // dy/dtau = -rate y - drift + diffusion s with s held, by 2,000 steps of the midpoint rule
    const held = 0.7;
    let y = 1.3;
    let spread = 0;
    const steps = 2000;
    const delta = (t - to) / steps;
    for (let i = 0; i < steps; i++) {
      const at = t - (i + 0.5) * delta;
      const velocity = (x: number) => -rate(at) * x - drift(at) + diffusion(at) * held;
      y += delta * velocity(y + (delta / 2) * velocity(y));
      const growth = (v: number) => -2 * rate(at) * v + diffusion(at);
      spread += delta * growth(spread + (delta / 2) * growth(spread));
    }
    expect((back.factor * 1.3 + back.shift + back.score * held) / y).toBeCloseTo(1, 5);
    expect(back.deviation ** 2 / spread).toBeCloseTo(1, 5);
  }
}
