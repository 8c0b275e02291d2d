import { shown } from "../../check/describe.ts";
import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkNonNegative, checkPositiveInteger } from "../../check/numbers.ts";
import { checkDense, type DenseMatrix } from "../../linalg/matrix.ts";
import { dot } from "../../linalg/vector.ts";
import type { HessianFlops, MaybePromise } from "../../objectives/objective.ts";

/**
 * min f(x) subject to c(x) = 0, with f: R^n -> R and c: R^n -> R^m, m <= n, twice differentiable; n is `dimension`, m
 * is `constraintCount`. The Lagrangian is L(x, lambda) = f + lambda^T c. Every call gets a point of n numbers, leaves
 * it as it is, and returns arrays of its own. Values may be infinite or NaN where a function is not defined: a line
 * search rejects such a point. One of the two Hessians must be there.
 */
export interface EqualityProblem {
  readonly dimension: number;
  readonly constraintCount: number;
  /** f(x). */
  value(x: Float64Array): MaybePromise<number>;
  /** The gradient of f, n numbers. */
  gradient(x: Float64Array): MaybePromise<Float64Array>;
  /** c(x), m numbers. */
  constraints(x: Float64Array): MaybePromise<Float64Array>;
  /** G = the Jacobian of c, m x n. */
  jacobian(x: Float64Array): MaybePromise<DenseMatrix>;
  /** H = the Hessian of L in x, n x n. */
  hessianLagrangian?(x: Float64Array, lambda: Float64Array): MaybePromise<DenseMatrix>;
  /** H v, n numbers. */
  hessianVectorProduct?(x: Float64Array, lambda: Float64Array, v: Float64Array): MaybePromise<Float64Array>;
  /** Multiplications and additions of H and of H v, where both are there: AdaSketch-Newton takes what is cheaper. */
  readonly hessianFlops?: HessianFlops;
}

/** How often the functions of a problem were called; in `hessian` a matrix is 1 and a product 1/n, so it may be a fraction. */
export interface ProblemCounts {
  objective: number;
  constraints: number;
  gradient: number;
  jacobian: number;
  hessian: number;
}

/** What is known at (x, lambda): plain data. */
export interface PrimalDualPoint {
  readonly x: Float64Array;
  readonly lambda: Float64Array;
  /** f(x). */
  readonly value: number;
  /** The gradient of f. */
  readonly gradient: Float64Array;
  /** c(x). */
  readonly constraints: Float64Array;
  /** The entries of G(x), m x n, row by row. */
  readonly jacobian: Float64Array;
  /** The gradient of L in x:  grad f + G^T lambda. */
  readonly lagrangianGradient: Float64Array;
  /** ||(grad_x L, c)||, the KKT residual. */
  readonly kkt: number;
}

/** Names by which other libraries would pass what is out of scope here. */
const INEQUALITIES = ["inequalities", "inequalityConstraints", "bounds", "lower", "upper"] as const;

function checkIsProblem(problem: EqualityProblem): void {
  if (typeof problem !== "object" || problem === null)
    throw new ArgumentError(`problem must be an object, such as subjectTo returns, got ${shown(problem)}`);
}

/**
 * Multipliers of 0 to start from, one for each constraint.
 *
 * @throws ArgumentError when the problem is no object
 */
export function zeroMultipliers(problem: EqualityProblem): Float64Array<ArrayBuffer> {
  checkIsProblem(problem);
  // what is no count is refused with the problem
  return new Float64Array(Math.max(0, problem.constraintCount) || 0);
}

/**
 * Checks a problem and where it starts.
 *
 * @throws ArgumentError naming what does not fit
 */
export function checkProblem(problem: EqualityProblem, x0: Float64Array, lambda0: Float64Array): void {
  checkIsProblem(problem);
  const { dimension: n, constraintCount: m, hessianFlops } = problem;
  for (const name of INEQUALITIES)
    if (name in problem)
      throw new ArgumentError(
        `problem must have only equality constraints c(x) = 0, got "${name}": inequality constraints and bounds are not supported`,
      );
  checkPositiveInteger({ dimension: n, constraintCount: m });
  if (m > n)
    throw new ArgumentError(
      `constraintCount must be at most dimension = ${n}, got ${m}: more equations than unknowns (inequality constraints are not supported)`,
    );
  if (!problem.hessianLagrangian && !problem.hessianVectorProduct)
    throw new ArgumentError("problem must have hessianLagrangian or hessianVectorProduct, got neither");
  if (hessianFlops)
    checkNonNegative({
      "hessianFlops.matrix": hessianFlops.matrix,
      "hessianFlops.product": hessianFlops.product,
    });
  for (const [name, vector, length] of [
    ["x0", x0, n],
    ["lambda0", lambda0, m],
  ] as const) {
    if (vector.length !== length)
      throw new ArgumentError(`${name} must have ${length} numbers, got ${vector.length}`);
    for (let i = 0; i < length; i++)
      if (!Number.isFinite(vector[i]))
        throw new ArgumentError(`${name}[${i}] must be finite, got ${vector[i]}`);
  }
}

function checkLength(name: string, array: Float64Array, length: number, shape: string): Float64Array {
  if (array.length !== length)
    throw new ArgumentError(`${name} must return ${shape} = ${length} numbers, got ${array.length}`);
  return array;
}

/** The entries of a matrix that a problem returned. */
function entriesOf(name: string, matrix: DenseMatrix, rows: number, columns: number): Float64Array {
  checkDense(name, matrix);
  if (matrix.rows !== rows || matrix.columns !== columns)
    throw new ArgumentError(
      `${name} must return a ${rows} x ${columns} matrix, got ${matrix.rows} x ${matrix.columns}`,
    );
  return matrix.values;
}

function notFinite(name: string, array: Float64Array): string | undefined {
  for (let i = 0; i < array.length; i++)
    if (!Number.isFinite(array[i])) return `${name}[${i}] is ${array[i]}`;
  return undefined;
}

/** f and c at a point, or what is not finite about them. */
export interface Feasibility {
  readonly value: number;
  readonly constraints: Float64Array;
  readonly defect: string | undefined;
}

/** f(x) and c(x). */
export async function feasibilityAt(
  problem: EqualityProblem,
  x: Float64Array,
  counts: ProblemCounts,
): Promise<Feasibility> {
  const value = await problem.value(x);
  const m = problem.constraintCount;
  const constraints = checkLength("constraints", await problem.constraints(x), m, "m");
  counts.objective += 1;
  counts.constraints += 1;
  const defect = Number.isFinite(value) ? notFinite("constraints", constraints) : `value is ${value}`;
  return { value, constraints, defect };
}

/** The KKT residual and the gradient of L with another multiplier at the same x. */
export function withMultiplier(
  point: Omit<PrimalDualPoint, "lagrangianGradient" | "kkt">,
  lambda: Float64Array,
): PrimalDualPoint {
  const { gradient, constraints, jacobian } = point;
  const n = gradient.length;
  const lagrangianGradient = gradient.slice();
  for (let i = 0; i < lambda.length; i++)
    for (let j = 0; j < n; j++) lagrangianGradient[j] += lambda[i] * jacobian[i * n + j];
  const kkt = Math.sqrt(dot(lagrangianGradient, lagrangianGradient) + dot(constraints, constraints));
  return { ...point, lambda, lagrangianGradient, kkt };
}

/** First derivatives beside f and c; a defect where something is not finite. */
export async function pointFrom(
  problem: EqualityProblem,
  x: Float64Array,
  lambda: Float64Array,
  { value, constraints }: Feasibility,
  counts: ProblemCounts,
): Promise<{ readonly point: PrimalDualPoint; readonly defect: string | undefined }> {
  const { dimension: n, constraintCount: m } = problem;
  const gradient = checkLength("gradient", await problem.gradient(x), n, "n");
  const jacobian = entriesOf("jacobian", await problem.jacobian(x), m, n);
  counts.gradient += 1;
  counts.jacobian += 1;
  const point = withMultiplier({ x, lambda, value, gradient, constraints, jacobian }, lambda);
  return { point, defect: notFinite("gradient", gradient) ?? notFinite("jacobian", jacobian) };
}

/**
 * Everything at (x, lambda) up to first derivatives.
 *
 * @throws ConvergenceError naming what is not finite, and the iteration
 */
export async function pointAt(
  problem: EqualityProblem,
  x: Float64Array,
  lambda: Float64Array,
  counts: ProblemCounts,
  iteration: number,
): Promise<PrimalDualPoint> {
  const feasibility = await feasibilityAt(problem, x, counts);
  requireDefined(feasibility.defect, iteration);
  const { point, defect } = await pointFrom(problem, x, lambda, feasibility, counts);
  requireDefined(defect, iteration);
  return point;
}

/** @throws ConvergenceError when there is a defect, with the iteration */
export function requireDefined(defect: string | undefined, iteration: number): void {
  if (defect !== undefined) throw new ConvergenceError(`${defect} at iteration ${iteration}`);
}

/**
 * H v at (x, lambda) by the problem's own product, which is there.
 *
 * @throws ArgumentError when the size is wrong
 */
export async function hessianProduct(
  problem: EqualityProblem,
  { x, lambda }: Pick<PrimalDualPoint, "x" | "lambda">,
  v: Float64Array,
): Promise<Float64Array> {
  const product = (await problem.hessianVectorProduct?.(x, lambda, v)) ?? new Float64Array(0);
  return checkLength("hessianVectorProduct", product, problem.dimension, "n");
}

/**
 * H at (x, lambda), n x n: asked for, or by n products with unit vectors; symmetrized.
 *
 * @throws ConvergenceError naming an entry that is not finite, and the iteration
 * @throws ArgumentError when the size is wrong
 */
export async function hessianAt(
  problem: EqualityProblem,
  { x, lambda }: Pick<PrimalDualPoint, "x" | "lambda">,
  counts: ProblemCounts,
  iteration: number,
): Promise<Float64Array> {
  const n = problem.dimension;
  counts.hessian += 1;
  let H: Float64Array;
  if (problem.hessianLagrangian)
    H = entriesOf("hessianLagrangian", await problem.hessianLagrangian(x, lambda), n, n);
  else {
    H = new Float64Array(n * n);
    const unit = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      unit[j] = 1;
      H.set(await hessianProduct(problem, { x, lambda }, unit), j * n);
      unit[j] = 0;
    }
  }
  requireDefined(notFinite("hessianLagrangian", H), iteration);
  const symmetric = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) symmetric[i * n + j] = (H[i * n + j] + H[j * n + i]) / 2;
  return symmetric;
}
