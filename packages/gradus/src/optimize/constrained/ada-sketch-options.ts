import { ArgumentError } from "../../check/errors.ts";
import type { ConstrainedOptions } from "./contract.ts";
import { checkPenalties } from "./exact-augmented-lagrangian.ts";
import type { SketchKind } from "./sketch/contract.ts";
import { sketchKinds } from "./sketch/solver.ts";

/** theta_k: a factor on the accuracy, by name or as a function of the iteration and the KKT residual. */
export type AccuracySchedule =
  | "constant"
  | "superlinear"
  | "harmonic"
  | ((iteration: number, kkt: number) => number);

export interface AdaSketchNewtonOptions extends ConstrainedOptions {
  /** How the Newton system is solved: by sketching, or exactly by an LU factorization. */
  readonly sketch?: SketchKind | "exact";
  /** Rows or Gaussian vectors of a block sketch; about sqrt(n + m) by default. */
  readonly sketchSize?: number;
  /** Scales rows and columns of the Newton system before it is sketched; its residual is still that of the original. */
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
  for (const [name, value] of Object.entries({ tolerance, xiB, curvatureFloor }))
    if (!(value > 0 && value < Number.POSITIVE_INFINITY))
      throw new ArgumentError(`${name} must be a finite number > 0, got ${value}`);
  if (Number.isNaN(maxIterations) || maxIterations < 0)
    throw new ArgumentError(`maxIterations must be a number >= 0, got ${maxIterations}`);
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
  const {
    sketch = "kaczmarz",
    sketchSize,
    equilibrate = false,
    accuracy = "relative",
    kappa = 0.1,
    theta = accuracy === "relative" ? "superlinear" : "constant",
    eta1 = 1,
    eta2 = 0.1,
    delta = 0.1,
    eta1Limit = 1e8,
    eta2Limit = 1e-8,
    beta = 0.1,
    nu = 1.5,
    maxSketchSteps = 1_000_000,
    seed = 0,
  } = options;
  checkPenalties({ eta1, eta2 });
  if (sketch !== "exact" && !sketchKinds.includes(sketch))
    throw new ArgumentError(`sketch must be one of ${sketchKinds.join(", ")}, exact, got "${sketch}"`);
  if (accuracy !== "relative" && accuracy !== "theory")
    throw new ArgumentError(`accuracy must be "relative" or "theory", got "${accuracy}"`);
  if (!(kappa > 0 && kappa < 1)) throw new ArgumentError(`kappa must be in (0, 1), got ${kappa}`);
  if (typeof theta !== "function" && !Object.hasOwn(schedules, theta))
    throw new ArgumentError(
      `theta must be one of ${Object.keys(schedules).join(", ")} or a function, got "${theta}"`,
    );
  if (!(delta > 0 && delta < 1)) throw new ArgumentError(`delta must be in (0, 1), got ${delta}`);
  if (!(beta > 0 && beta < 0.5)) throw new ArgumentError(`beta must be in (0, 1/2), got ${beta}`);
  if (!(nu > 1 && nu < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`nu must be a finite number > 1, got ${nu}`);
  if (!(maxSketchSteps >= 1))
    throw new ArgumentError(`maxSketchSteps must be a number >= 1, got ${maxSketchSteps}`);
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
    beta,
    nu,
    maxSketchSteps,
    seed,
  };
}

export type CheckedAdaSketchOptions = ReturnType<typeof checkAdaSketchOptions>;
