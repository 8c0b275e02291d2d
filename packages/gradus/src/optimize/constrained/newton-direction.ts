import { checkNonNegative, checkPositive } from "../../check/numbers.ts";
import { checkOneOf, checkOptions } from "../../check/options.ts";
import { norm2 } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import { innerSolve } from "./inner-solve.ts";
import { type CurvatureOptions, type KktSystem, kktSystem, leastSquaredSingularValue } from "./kkt-system.ts";
import { checkProblem, type EqualityProblem, hessianAt, type PrimalDualPoint, pointAt } from "./problem.ts";

/** Constants of the analysis of AdaSketch-Newton at a point. */
export interface SystemBounds {
  /** Psi, a bound of ||K^-1||:  20 max(||B||^2, 1) / (min(sigma_min(G)^2, 1) min(xiB, 1)). */
  readonly psi: number;
  /** Upsilon = max(||G||, ||H||, 1). */
  readonly upsilon: number;
}

/** Psi and Upsilon of a Newton system; norms are Frobenius'. */
export function systemBounds(
  { normB, normH }: KktSystem,
  { jacobian }: PrimalDualPoint,
  smallestSingularValue: number,
  xiB: number,
): SystemBounds {
  return {
    psi: (20 * Math.max(normB ** 2, 1)) / (Math.min(smallestSingularValue ** 2, 1) * Math.min(xiB, 1)),
    upsilon: Math.max(norm2(jacobian), normH, 1),
  };
}

/** -grad L = -(grad f + G^T lambda, c): the right side of the Newton system. */
export function newtonRightSide({
  lagrangianGradient,
  constraints,
}: PrimalDualPoint): Float64Array<ArrayBuffer> {
  const n = lagrangianGradient.length;
  const right = new Float64Array(n + constraints.length);
  for (let j = 0; j < n; j++) right[j] = -lagrangianGradient[j];
  for (let i = 0; i < constraints.length; i++) right[n + i] = -constraints[i];
  return right;
}

/** The exact Newton direction on the KKT conditions, and the constants of its system. */
export interface EqualityNewtonDirection extends SystemBounds {
  /** The step of x, n numbers. */
  readonly x: Float64Array;
  /** The step of the multipliers, m numbers. */
  readonly lambda: Float64Array;
  /** ||K dz + grad L||. */
  readonly residualNorm: number;
}

/**
 * The Newton direction  K dz = -grad L,  K = [[B, G^T], [G, 0]],  at (x, lambda), by an LU factorization with one step
 * of refinement; B = H, or H + (xiB + ||H||) I where H is not convex on the null space of G.
 * Source: Hong, Na, Mahoney & Kolar 2023, "Constrained optimization via exact augmented Lagrangian and randomized
 * iterative sketching", with its Psi and Upsilon.
 *
 * @param x n numbers
 * @param lambda m numbers
 * @throws ArgumentError when something does not fit
 * @throws ConvergenceError naming what of the problem is not finite
 * @throws SingularMatrixError where the rows of G are dependent
 */
export async function equalityNewtonDirection(
  problem: EqualityProblem,
  x: Float64Array,
  lambda: Float64Array,
  options: Partial<CurvatureOptions> = {},
): Promise<EqualityNewtonDirection> {
  checkOptions("equalityNewtonDirection", options, ["xiB", "curvatureFloor", "curvatureTest"]);
  const { xiB = 0.1, curvatureFloor = 1e-6, curvatureTest } = options;
  checkPositive({ xiB });
  checkNonNegative({ curvatureFloor });
  if (curvatureTest !== undefined) checkOneOf(["cholesky", "lanczos"], { curvatureTest });
  checkProblem(problem, x, lambda);
  const { dimension: n, constraintCount: m } = problem;
  const counts = { objective: 0, constraints: 0, gradient: 0, jacobian: 0, hessian: 0 };
  const point = await pointAt(problem, x.slice(), lambda.slice(), counts, 0);
  const H = await hessianAt(problem, point, counts, 0);
  const system = await kktSystem(H, point.jacobian, n, m, { xiB, curvatureFloor, curvatureTest });
  const solve = innerSolve(system.K, newtonRightSide(point), randomStream(0), {
    sketch: "exact",
    sketchSize: undefined,
    equilibrate: false,
  });
  await solve.improve(0, 1, () => undefined);
  const step = solve.solution();
  const smallest = Math.sqrt(leastSquaredSingularValue(point.jacobian, m, n));
  return {
    x: step.slice(0, n),
    lambda: step.slice(n),
    residualNorm: solve.residualNorm,
    ...systemBounds(system, point, smallest, xiB),
  };
}
