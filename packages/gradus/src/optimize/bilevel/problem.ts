import { checkFiniteVector, checkLength } from "../../check/arrays.ts";
import { shown } from "../../check/describe.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkFunction } from "../../check/options.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { MaybePromise } from "../../objectives/objective.ts";

/**
 * One level of a bilevel problem: a smooth function of x and y with its two partial gradients. A gradient is written
 * into `out` and returned, or returned as an array of its own. `sample` is a number that the method has drawn where the
 * problem is `stochastic`: the same number must give the same stochastic gradient at any point.
 */
export interface BilevelLevel {
  value(x: Float64Array, y: Float64Array): MaybePromise<number>;
  /** dimensionX numbers. */
  gradientX(
    x: Float64Array,
    y: Float64Array,
    out: Float64Array,
    sample: number | undefined,
  ): MaybePromise<Float64Array>;
  /** dimensionY numbers. */
  gradientY(
    x: Float64Array,
    y: Float64Array,
    out: Float64Array,
    sample: number | undefined,
  ): MaybePromise<Float64Array>;
}

/** Products with second derivatives of a level g, the lower or the upper one: for hypergradients that are not of first order. */
export interface SecondDerivativeProducts {
  /** (d^2 g / dy^2) v, dimensionY numbers. */
  yy(x: Float64Array, y: Float64Array, v: Float64Array): MaybePromise<Float64Array>;
  /** (d^2 g / dx dy) v, dimensionX numbers from dimensionY. */
  xy(x: Float64Array, y: Float64Array, v: Float64Array): MaybePromise<Float64Array>;
}

/** Y = {y: q_i(y) <= 0}, for the explicit formula, which needs the constraints and not only the projection. */
export interface LowerConstraints {
  /** q(y), m numbers. */
  values(y: Float64Array): Float64Array;
  /** m x dimensionY: the gradient of q_i in row i. */
  jacobian(y: Float64Array): DenseMatrix;
  /** (sum_i multipliers_i d^2 q_i / dy^2) v; left out where the constraints are linear. */
  hessianProduct?(y: Float64Array, multipliers: Float64Array, v: Float64Array): Float64Array;
}

/** What a run of inner steps of the penalty method ends with. */
export interface InnerSteps {
  readonly u: Float64Array;
  readonly v: Float64Array;
  /** Lengths of the last two steps over the step size. */
  readonly residuals: readonly [number, number];
}

/** How inner steps go: sigma, their size, 1/rho, how many. */
export interface InnerPlan {
  readonly sigma: number;
  readonly stepSize: number;
  readonly inverseProx: number;
  readonly count: number;
}

/** Whole parts of a penalty method in one call, where a compiled program computes them. */
export interface FusedPenalty {
  /** `count` steps from the centers y and z on both lower problems. */
  inner(x: Float64Array, y: Float64Array, z: Float64Array, plan: InnerPlan): Promise<InnerSteps>;
  /** grad_x f(x, u) + (grad_x g(x, u) - grad_x g(x, v)) / sigma. */
  outer(x: Float64Array, u: Float64Array, v: Float64Array, sigma: number): Promise<Float64Array>;
}

/**
 * The bilevel problem  min over x in X of psi(x),  psi(x) = min { f(x, y) : y in S(x) },  S(x) = argmin over y in Y of
 * g(x, y), with f the upper level and g the lower level. X and Y are closed and convex.
 */
export interface BilevelProblem {
  readonly dimensionX: number;
  readonly dimensionY: number;
  readonly upper: BilevelLevel;
  readonly lower: BilevelLevel;
  /** The nearest point of X, in place or as an array of its own; all of the space without it. */
  readonly projectX?: (x: Float64Array) => Float64Array;
  /** The nearest point of Y; all of the space without it. */
  readonly projectY?: (y: Float64Array) => Float64Array;
  readonly lowerProducts?: SecondDerivativeProducts;
  /** The same products of the upper level: for the explicit formula at a sigma. */
  readonly upperProducts?: SecondDerivativeProducts;
  readonly lowerConstraints?: LowerConstraints;
  /** Gradients are estimates that depend on a sample. */
  readonly stochastic?: boolean;
  readonly fused?: FusedPenalty;
}

/** Where a bilevel method starts. */
export interface BilevelStart {
  readonly x0: Float64Array;
  readonly y0: Float64Array;
  /** Start of the lower level's own solution; y0 without it. */
  readonly z0?: Float64Array;
}

const SAME_POINT = 1e-9;

/** A point as a message shows it. */
export function pointText(point: Float64Array): string {
  const first = Array.from(point.subarray(0, 4), (value) => String(Number(value.toPrecision(6))));
  return `[${first.join(", ")}${point.length > 4 ? ", ..." : ""}]`;
}

/** A projection must leave projected points where they are. */
function checkProjection(
  name: "projectX" | "projectY",
  project: ((point: Float64Array) => Float64Array) | undefined,
  at: Float64Array,
): void {
  if (project === undefined) return;
  checkFunction({ [name]: project });
  // the start may lie within the set, where nothing shows: the points beside it need not
  for (const away of [0, 1, -1]) {
    const once = project(at.map((value) => value + away * (1 + Math.abs(value))));
    if (!(once instanceof Float64Array) || once.length !== at.length)
      throw new ArgumentError(
        `${name} must return a Float64Array of ${at.length} numbers, got ${shown(once)}`,
      );
    checkFiniteVector(`the result of ${name}`, once);
    const twice = project(once.slice());
    const moved = once.findIndex(
      (value, i) => !(Math.abs(value - twice[i]) <= SAME_POINT * (1 + Math.abs(value))),
    );
    if (moved >= 0)
      throw new ArgumentError(
        `${name} must leave projected points where they are, got ${once[moved]} and then ${twice[moved]} at index ${moved}`,
      );
  }
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

/** @throws ArgumentError naming a constraint that does not hold to a tolerance */
export function checkFeasible(
  wanted: string,
  constraints: LowerConstraints | undefined,
  y: Float64Array,
  tolerance: number,
): void {
  const q = constraints?.values(y) ?? new Float64Array();
  const outside = q.findIndex((value) => !(value <= tolerance));
  if (outside >= 0)
    throw new ArgumentError(`${wanted}, got one with q = ${q[outside]} > 0 in constraint ${outside}`);
}

/** @throws ArgumentError when what to resume from is no iterate, or one of a problem with other dimensions */
export function checkResumed(
  { dimensionX, dimensionY }: BilevelProblem,
  resume: { readonly state: { readonly x: Float64Array; readonly y: Float64Array } } | undefined,
): void {
  if (resume === undefined) return;
  checkMethodOptions({ resume }, ["x", "y"]);
  const { x, y } = resume.state;
  if (x?.length !== dimensionX || y?.length !== dimensionY)
    throw new ArgumentError(
      `resume must be an iterate of this problem, with x of ${dimensionX} and y of ${dimensionY} numbers, got ${x?.length} and ${y?.length}`,
    );
}

/**
 * Checks a problem and a start.
 *
 * @returns copies of the start, projected
 * @throws ArgumentError naming a size, a missing function, a projection that is none; DataError for a number that is
 * not finite
 */
export function checkStart(problem: BilevelProblem, start: BilevelStart): Required<BilevelStart> {
  if (!isObject(problem)) throw new ArgumentError(`problem must be an object, got ${shown(problem)}`);
  if (!isObject(start)) throw new ArgumentError(`start must be { x0, y0 }, got ${shown(start)}`);
  const { dimensionX, dimensionY, projectX, projectY, lowerConstraints, stochastic = false } = problem;
  checkPositiveInteger({ dimensionX, dimensionY });
  checkBoolean({ stochastic });
  for (const name of ["upper", "lower"] as const)
    for (const part of ["value", "gradientX", "gradientY"] as const)
      if (typeof problem[name]?.[part] !== "function")
        throw new ArgumentError(`${name}.${part} must be a function, got ${shown(problem[name]?.[part])}`);
  const { x0, y0, z0 = y0 } = start;
  const points: [string, Float64Array, number][] = [
    ["x0", x0, dimensionX],
    ["y0", y0, dimensionY],
    ["z0", z0, dimensionY],
  ];
  for (const [name, point, length] of points) {
    if (!(point instanceof Float64Array))
      throw new ArgumentError(`${name} must be a Float64Array, got ${shown(point)}`);
    checkLength(name, point, length);
    checkFiniteVector(name, point);
  }
  if (lowerConstraints) {
    checkFunction({
      "lowerConstraints.values": lowerConstraints.values,
      "lowerConstraints.jacobian": lowerConstraints.jacobian,
    });
    if (!projectY) throw new ArgumentError("projectY must be given with lowerConstraints, got undefined");
  }
  checkProjection("projectX", projectX, x0);
  checkProjection("projectY", projectY, y0);
  const [x, y, z] = [
    projected(projectX, x0.slice()),
    projected(projectY, y0.slice()),
    projected(projectY, z0.slice()),
  ];
  for (const point of [y, z])
    checkFeasible("projectY must return points of Y", lowerConstraints, point, SAME_POINT);
  return { x0: x, y0: y, z0: z };
}

/** Projects in place. */
export function projected(
  project: ((point: Float64Array) => Float64Array) | undefined,
  point: Float64Array,
): Float64Array {
  if (!project) return point;
  const result = project(point);
  if (result !== point) point.set(result);
  return point;
}
