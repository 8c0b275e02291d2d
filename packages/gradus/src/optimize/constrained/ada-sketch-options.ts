import { ArgumentError } from "../../check/errors.ts";
import { checkAtLeast, checkLimit, checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkBoolean, checkOneOf, checkOptions } from "../../check/options.ts";
import type { ConstrainedOptions } from "./contract.ts";
import { checkPenalties } from "./exact-augmented-lagrangian.ts";
import type { SketchKind, SketchMaker } from "./sketch/contract.ts";
import { sketchKinds } from "./sketch/solver.ts";

/** theta_k: a factor on the accuracy, by name or as a function of the iteration and the KKT residual. */
export type AccuracySchedule =
  | "constant"
  | "superlinear"
  | "harmonic"
  | ((iteration: number, kkt: number) => number);

export interface AdaSketchNewtonOptions extends ConstrainedOptions {
  /**
   * How the Newton system is solved: exactly, the default, or by a sketch. Exact solves are by an LU factorization; with
   * the relative rule and a problem whose `hessianFlops` say that H costs as much as many products with it, by conjugate
   * gradients to that rule, preconditioned by the last H that was formed, until they would take as long as H.
   */
  readonly sketch?: SketchKind | SketchMaker | "exact";
  /** Rows or Gaussian vectors of a block sketch; about sqrt(n + m) by default. */
  readonly sketchSize?: number;
  /**
   * Scales rows and columns of the Newton system before it is sketched, as by default; its residual is still that of the
   * original.
   */
  readonly equilibrate?: boolean;
  /**
   * When a direction is accurate enough. "relative": ||r|| <= theta kappa ||grad L||, and kappa shrinks within an
   * iteration while the direction is not one of enough descent. "theory": ||r|| <= theta delta ||grad L|| /
   * (||K||_F Psi), the bound of the analysis, which asks for 10 digits and more.
   */
  readonly accuracy?: "relative" | "theory";
  /** In (0, 1), for "relative". */
  readonly kappa?: number;
  /**
   * "constant": 1; "superlinear": min(1, ||grad L||); "harmonic": 1 / (k + 1)^2. "superlinear" by default with the
   * relative rule, "constant" with the theoretical one.
   */
  readonly theta?: AccuracySchedule;
  /** First penalties and, for "theory", first accuracy. They carry over and move one way only. */
  readonly eta1?: number;
  readonly eta2?: number;
  readonly delta?: number;
  /** The adaptation gives up above this eta1 or below this eta2. */
  readonly eta1Limit?: number;
  readonly eta2Limit?: number;
  /**
   * "adaptive": B = H + t I after a step below 1/4, for a direction of about the length that the search accepted; t falls
   * to 0 with unit steps. The default with exact solves and the relative rule; otherwise "none", as published.
   */
  readonly damping?: "adaptive" | "none";
  /** Armijo's constant, in (0, 1/2). */
  readonly beta?: number;
  /** Factor of the adaptation, > 1: eta1 nu^2, eta2 / nu, delta / nu^4. */
  readonly nu?: number;
  /** Steps of the inner solver after which it is cut off; not an error. */
  readonly maxSketchSteps?: number;
  /** Of the sketches. */
  readonly seed?: number;
}

const schedules = {
  constant: () => 1,
  superlinear: (_: number, kkt: number) => Math.min(1, kkt),
  harmonic: (iteration: number) => 1 / (iteration + 1) ** 2,
} as const;

/** The names of the options that every method for equality constraints shares, with those of `minimizeEquality`. */
export const constrainedOptions = [
  "lambda0",
  "tolerance",
  "maxIterations",
  "xiB",
  "curvatureFloor",
  "curvatureTest",
  "singularBelow",
  "resume",
  "signal",
] as const;

/**
 * Fills in what every method for equality constraints shares.
 *
 * @throws ArgumentError naming an option that is out of range
 */
export function checkConstrainedOptions({
  tolerance = 1e-4,
  maxIterations = 10_000,
  xiB = 0.1,
  curvatureFloor = 1e-6,
  curvatureTest,
  singularBelow = "relative",
}: ConstrainedOptions) {
  checkPositive({ tolerance, xiB, curvatureFloor });
  checkLimit({ maxIterations });
  if (curvatureTest !== undefined) checkOneOf(["cholesky", "lanczos"], { curvatureTest });
  if (singularBelow !== "relative" && !(singularBelow >= 0))
    throw new ArgumentError(`singularBelow must be "relative" or a number >= 0, got ${singularBelow}`);
  return { tolerance, maxIterations, xiB, curvatureFloor, curvatureTest, singularBelow };
}

/**
 * Fills in the defaults of AdaSketch-Newton.
 *
 * @throws ArgumentError naming an option that is out of range
 */
export function checkAdaSketchOptions(options: AdaSketchNewtonOptions) {
  checkOptions("adaSketchNewton", options, [
    "sketch",
    "sketchSize",
    "equilibrate",
    "accuracy",
    "kappa",
    "theta",
    "eta1",
    "eta2",
    "delta",
    "eta1Limit",
    "eta2Limit",
    "damping",
    "beta",
    "nu",
    "maxSketchSteps",
    "seed",
    ...constrainedOptions,
  ]);
  const {
    sketch = "exact",
    sketchSize,
    equilibrate = true,
    accuracy = "relative",
    kappa = 0.1,
    theta = accuracy === "relative" ? "superlinear" : "constant",
    eta1 = 1,
    eta2 = 0.1,
    delta = 0.1,
    eta1Limit = 1e8,
    eta2Limit = 1e-8,
    damping = sketch === "exact" && accuracy === "relative" ? "adaptive" : "none",
    beta = 0.1,
    nu = 1.5,
    maxSketchSteps = 1_000_000,
    seed = 0,
  } = options;
  checkPenalties({ eta1, eta2 });
  checkPositive({ eta1Limit, eta2Limit });
  if (typeof sketch !== "function") checkOneOf(["exact", ...sketchKinds], { sketch });
  checkOneOf(["relative", "theory"], { accuracy });
  checkOneOf(["adaptive", "none"], { damping });
  if (typeof theta !== "function") checkOneOf(Object.keys(schedules), { theta });
  checkWithin("(0, 1)", { kappa, delta });
  checkWithin("(0, 0.5)", { beta });
  checkWithin("(1, 1e6)", { nu });
  checkAtLeast(1, { maxSketchSteps });
  checkBoolean({ equilibrate });
  return {
    ...checkConstrainedOptions(options),
    sketch,
    sketchSize,
    equilibrate,
    accuracy,
    kappa,
    schedule: typeof theta === "function" ? theta : schedules[theta],
    eta1,
    eta2,
    delta,
    eta1Limit,
    eta2Limit,
    damping,
    beta,
    nu,
    maxSketchSteps,
    seed,
  };
}

export type CheckedAdaSketchOptions = ReturnType<typeof checkAdaSketchOptions>;
