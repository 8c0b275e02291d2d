/** Dormand & Prince 1980, "A family of embedded Runge-Kutta formulae": the pair of orders 5 and 4. */
const stages: readonly (readonly number[])[] = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const errorWeights = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/** The state of an integration of y' = f(y). */
export interface IntegrationState {
  readonly time: number;
  readonly y: Float64Array;
  /** The step size to try next. */
  readonly step: number;
}

export interface StepTolerances {
  readonly relative: number;
  readonly absolute: number;
  /** Final time, which no step exceeds. */
  readonly end: number;
}

/**
 * One accepted step of y' = f(y): steps that miss the tolerance are retried with a smaller size. Undefined if the step
 * size would underflow.
 */
export function dormandPrinceStep(
  f: (y: Float64Array) => Float64Array,
  { time, y, step }: IntegrationState,
  { relative, absolute, end }: StepTolerances,
): IntegrationState | undefined {
  let h = Math.min(step, end - time);
  for (;;) {
    const slopes: Float64Array[] = [];
    let next = y;
    for (const weights of stages) {
      next = y.slice();
      weights.forEach((weight, s) => {
        for (let i = 0; i < y.length; i++) next[i] += h * weight * slopes[s][i];
      });
      slopes.push(f(next));
    }
    let sum = 0;
    for (let i = 0; i < y.length; i++) {
      let error = 0;
      for (let s = 0; s < 7; s++) error += errorWeights[s] * slopes[s][i];
      sum += ((h * error) / (absolute + relative * Math.max(Math.abs(y[i]), Math.abs(next[i])))) ** 2;
    }
    const error = Math.sqrt(sum / y.length);
    const scale = error === 0 ? 5 : Math.min(5, Math.max(0.2, 0.9 * error ** -0.2));
    if (error <= 1) return { time: time + h >= end ? end : time + h, y: next, step: h * scale };
    h *= Number.isNaN(error) ? 0.2 : scale;
    if (!(h > 1e-14 * Math.max(time, 1e-300))) return undefined;
  }
}
