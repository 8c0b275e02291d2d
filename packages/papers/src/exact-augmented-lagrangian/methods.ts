import type { EqualityResult, MinimizeEqualityOptions } from "gradus/optimize";

/** A method as the comparisons name it. */
export interface Contender {
  readonly label: string;
  readonly options: MinimizeEqualityOptions;
}

/** The smallest eigenvalue of G G^T at which the authors' code stops. */
export const AUTHORS_SINGULARITY = 1e-2;

/** GMRES as in the authors' code: cycles of two steps, as many as it takes, and no second-order corrections. */
const gmres = {
  method: "sqp-l1",
  restart: 2,
  maxCycles: 100_000,
  secondOrderCorrection: false,
} as const;

export const contenders = {
  rk: { label: "AdaSketch-RK", options: { sketch: "kaczmarz", equilibrate: false, accuracy: "theory" } },
  gv: { label: "AdaSketch-GV", options: { sketch: "gaussian", equilibrate: false, accuracy: "theory" } },
  rkRelative: { label: "AdaSketch-RK, relative rule", options: { sketch: "kaczmarz", equilibrate: false } },
  gvRelative: { label: "AdaSketch-GV, relative rule", options: { sketch: "gaussian", equilibrate: false } },
  weightedRelative: {
    label: "AdaSketch, norm-weighted rows, relative rule",
    options: { sketch: "kaczmarz-weighted", equilibrate: false },
  },
  blockRelative: {
    label: "AdaSketch, blocks of rows, relative rule",
    options: { sketch: "block", equilibrate: false },
  },
  equilibrated: {
    label: "AdaSketch-RK, relative rule, equilibrated",
    options: { sketch: "kaczmarz", equilibrate: true },
  },
  exact: { label: "AdaSketch, exact solves", options: { sketch: "exact", accuracy: "theory" } },
  adaptiveGmres: { label: "adaptive GMRES ℓ1-SQP", options: gmres },
  gmres: { label: "GMRES ℓ1-SQP", options: { ...gmres, termination: "two-tests" } },
  multipliers: {
    label: "augmented Lagrangian",
    options: { method: "augmented-lagrangian", shift: "always" }, // as in the authors' code
  },
} as const satisfies Record<string, Contender>;

/** Calls of f and of c together, as the paper counts them. */
export const functionCalls = ({ counts }: EqualityResult): number => counts.objective + counts.constraints;

/** Calls of the gradient and of the Jacobian together. */
export const derivativeCalls = ({ counts }: EqualityResult): number => counts.gradient + counts.jacobian;

/** A quantile as an order statistic; NaN without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length === 0 ? Number.NaN : sorted[Math.round(share * (sorted.length - 1))];
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Values of exactly 0 are drawn at this value on a logarithmic axis. */
const DRAWN_ZERO = 1e-17;
export const drawable = (value: number): number => Math.max(value, DRAWN_ZERO);
