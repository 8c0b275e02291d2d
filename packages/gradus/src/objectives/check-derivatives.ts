import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkPositive } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { type DenseMatrix, isSparse } from "../linalg/matrix.ts";
import { csrToDense } from "../linalg/sparse/csr.ts";
import { type CheckedCall, checkCall } from "./check-calls.ts";
import type { DesignMatrix } from "./design-matrix.ts";
import { checkObjective, checkPoint, type MaybePromise, type Objective } from "./objective.ts";
import type { Residual } from "./residual.ts";

/** An objective with constraints c(x) = 0, as `EqualityProblem` has them. */
interface ConstrainedProblem extends Pick<Objective, "dimension" | "value" | "gradient"> {
  constraints(x: Float64Array): MaybePromise<Float64Array>;
  jacobian(x: Float64Array): MaybePromise<DenseMatrix>;
  hessianLagrangian?(x: Float64Array, lambda: Float64Array): MaybePromise<DenseMatrix>;
  hessianVectorProduct?(x: Float64Array, lambda: Float64Array, v: Float64Array): MaybePromise<Float64Array>;
}

/** What `checkDerivatives` checks: an objective, a residual, or an objective with equality constraints. */
export type DifferentiableProblem = Objective | Residual | ConstrainedProblem;

/** The function whose result is compared. */
export type CheckedDerivative =
  | "gradient"
  | "valueAndGradient"
  | "hessian"
  | "hessianVectorProduct"
  | "jacobian";

/** The entry of a derivative that fits the differences least. */
export interface DerivativeComparison {
  readonly derivative: CheckedDerivative;
  readonly agrees: boolean;
  /** Of the Jacobian or the Hessian; 0 for a gradient. */
  readonly row: number;
  /** The number of x that was varied. */
  readonly column: number;
  readonly given: number;
  /** By differences. */
  readonly expected: number;
  /** Of `expected`, by rounding and truncation. */
  readonly uncertainty: number;
}

/** What `checkDerivatives` found. */
export interface DerivativeCheck {
  /** Whether all of them agree. */
  readonly agree: boolean;
  readonly comparisons: readonly DerivativeComparison[];
  /** The first that does not agree, or all that do, in words. */
  readonly message: string;
}

export interface DerivativeCheckOptions {
  /** The numbers of x that are varied; all by default. */
  readonly coordinates?: readonly number[];
  /** How much of an entry may be wrong; 1e-4 by default. */
  readonly tolerance?: number;
}

/** A function of x with one or more values. */
type VectorFunction = (x: Float64Array) => MaybePromise<ArrayLike<number>>;

/** Steps of differences: the longest as a share of a number of x, and how many halves of it. */
const LONGEST = 0.1;
const HALVINGS = 12;
/** Shorter numbers of x than this share of the longest, or of 1, are moved as if they were so long. */
const SHORTEST = 1e-3;
/** How far an entry may lie outside of its uncertainty, which is an estimate. */
const SAFETY = 10;
/** Entries below so many roundings of the largest count as 0. */
const ROUNDINGS = 100;
/** How far from x functions are called again, as a share of each number. */
const BESIDE = 1e-6;

interface Estimate {
  readonly value: number;
  readonly uncertainty: number;
}

/** A difference of values at a step. */
interface Difference {
  readonly slope: number;
  /** By rounding of the values and of x. */
  readonly rounding: number;
}

/** The limit of central differences at halved steps that varies least (Ridders 1982). */
function extrapolated(differences: readonly Difference[]): Estimate {
  let best: Estimate = { value: differences[0].slope, uncertainty: Number.POSITIVE_INFINITY };
  let before: readonly number[] = [];
  for (const { slope, rounding } of differences) {
    const row = [slope];
    for (const [k, left] of before.entries()) {
      const value = row[k] + (row[k] - left) / (4 ** (k + 1) - 1);
      const uncertainty = Math.max(Math.abs(value - row[k]), Math.abs(value - left)) + rounding;
      if (uncertainty < best.uncertainty) best = { value, uncertainty };
      row.push(value);
    }
    before = row;
  }
  return best;
}

/** Whether a number may come from a computation in float32. */
const isSingle = (value: number) => !(Math.abs(value - Math.fround(value)) > 0);

/** The derivatives of all values to number j of x. */
async function differencesAt(f: VectorFunction, x: Float64Array, j: number): Promise<readonly Estimate[]> {
  const unit = Math.min(
    1,
    x.reduce((most, xi) => Math.max(most, Math.abs(xi)), 0),
  );
  const longest = LONGEST * Math.max(Math.abs(x[j]), SHORTEST * (unit || 1));
  const pairs: { readonly width: number; readonly ends: readonly ArrayLike<number>[] }[] = [];
  for (let k = 0; k < HALVINGS; k++) {
    const [low, high] = [-1, 1].map((sign) => x.with(j, x[j] + sign * longest * 2 ** -k));
    pairs.push({ width: high[j] - low[j], ends: [await f(low), await f(high)] });
  }
  const single = pairs.every(({ ends }) => ends.every((values) => Array.from(values).every(isSingle)));
  const epsilon = single ? 2 ** -23 : Number.EPSILON;
  const rows = Array.from(pairs[0].ends[0], (_, i) =>
    pairs.flatMap(({ width, ends: [below, above] }): Difference[] => {
      const slope = (above[i] - below[i]) / width;
      const size = Math.max(Math.abs(above[i]), Math.abs(below[i])) + Math.abs(slope * x[j]);
      return Number.isFinite(slope) ? [{ slope, rounding: (epsilon * size) / width }] : [];
    }),
  );
  if (rows.some((row) => row.length < 2))
    throw new ArgumentError(
      `x must lie where the function is finite, and ${longest * 2 ** (2 - HALVINGS)} beside it; it is not along number ${j}`,
    );
  return rows.map(extrapolated);
}

/** A derivative and the function that it is the derivative of. */
interface Pair {
  readonly derivative: CheckedDerivative;
  readonly of: VectorFunction;
  /** Column j, at x. */
  column(j: number): MaybePromise<ArrayLike<number>>;
}

async function compare(
  { derivative, of, column }: Pair,
  x: Float64Array,
  options: Required<DerivativeCheckOptions>,
) {
  const entries: Omit<DerivativeComparison, "agrees">[] = [];
  for (const j of options.coordinates) {
    const given = await column(j);
    const estimates = await differencesAt(of, x, j);
    for (const [row, { value: expected, uncertainty }] of estimates.entries())
      entries.push({ derivative, row, column: j, given: given[row], expected, uncertainty });
  }
  const largest = entries.reduce((most, { expected }) => Math.max(most, Math.abs(expected)), 0);
  /** How many times what it may differ by an entry differs; NaN counts as infinitely. */
  const excess = ({ given, expected, uncertainty }: (typeof entries)[number]): number => {
    const most =
      options.tolerance * Math.max(Math.abs(given), Math.abs(expected)) +
      SAFETY * uncertainty +
      ROUNDINGS * Number.EPSILON * largest;
    const difference = Math.abs(given - expected);
    return difference === 0 ? 0 : Number.isFinite(given) ? difference / most : Number.POSITIVE_INFINITY;
  };
  const worst = entries.reduce((one, other) => (excess(other) > excess(one) ? other : one));
  return { ...worst, agrees: excess(worst) <= 1 };
}

/** Column j of a matrix, dense or sparse. */
function columnsOf(matrix: DesignMatrix): (j: number) => Float64Array {
  const { rows, columns, values } = isSparse(matrix) ? csrToDense(matrix) : matrix;
  return (j) => Float64Array.from({ length: rows }, (_, i) => values[i * columns + j]);
}

/** The gradient of the objective, the Jacobian of the constraints, and the Hessian of the Lagrangian at multipliers of 1. */
async function constrainedPairs(problem: ConstrainedProblem, x: Float64Array): Promise<readonly Pair[]> {
  const gradient = await problem.gradient(x);
  const J = await problem.jacobian(x);
  const lambda = new Float64Array(J.rows).fill(1);
  const lagrangian: VectorFunction = async (at) => {
    const [g, { values }] = [await problem.gradient(at), await problem.jacobian(at)];
    return g.map((gj, j) => lambda.reduce((sum, _, i) => sum + values[i * x.length + j], gj));
  };
  const pairs: Pair[] = [
    { derivative: "gradient", of: async (at) => [await problem.value(at)], column: (j) => [gradient[j]] },
    {
      derivative: "jacobian",
      of: (at) => problem.constraints(at),
      column: columnsOf(J),
    },
  ];
  const matrix = await problem.hessianLagrangian?.(x, lambda);
  if (matrix) pairs.push({ derivative: "hessian", of: lagrangian, column: columnsOf(matrix) });
  const { hessianVectorProduct } = problem;
  if (hessianVectorProduct) {
    const unit = (j: number) => new Float64Array(x.length).with(j, 1);
    const column = (j: number) => hessianVectorProduct.call(problem, x, lambda, unit(j));
    pairs.push({ derivative: "hessianVectorProduct", of: lagrangian, column });
  }
  return pairs;
}

async function pairsOf(problem: DifferentiableProblem, x: Float64Array): Promise<readonly Pair[]> {
  if ("constraints" in problem) return constrainedPairs(problem, x);
  if ("jacobian" in problem) {
    const column = columnsOf(await problem.jacobian(x));
    return [{ derivative: "jacobian", of: (at) => problem.value(at), column }];
  }
  checkObjective(problem);
  const { hessian, hessianVectorProduct } = problem;
  const value = async (at: Float64Array) => [await problem.value(at)];
  const gradient = (at: Float64Array) => problem.gradient(at);
  const alone = await gradient(x);
  const { gradient: both } = await problem.valueAndGradient(x);
  const pairs: Pair[] = [
    { derivative: "gradient", of: value, column: (j) => [alone[j]] },
    { derivative: "valueAndGradient", of: value, column: (j) => [both[j]] },
  ];
  if (hessian) {
    pairs.push({
      derivative: "hessian",
      of: gradient,
      column: columnsOf(await hessian.call(problem, x)),
    });
  }
  if (hessianVectorProduct) {
    const column = (j: number) =>
      hessianVectorProduct.call(problem, x, new Float64Array(x.length).with(j, 1));
    pairs.push({ derivative: "hessianVectorProduct", of: gradient, column });
  }
  return pairs;
}

const numbersOf = (matrix: DesignMatrix) => [matrix.values];

/** The functions of a problem whose answers methods keep. */
function callsOf(problem: DifferentiableProblem): readonly CheckedCall[] {
  const gradient = "gradient" in problem && {
    name: "gradient",
    arrays: async (x: Float64Array) => [await problem.gradient(x)],
  };
  const jacobian = "jacobian" in problem && {
    name: "jacobian",
    arrays: async (x: Float64Array) => numbersOf(await problem.jacobian(x)),
  };
  const value = {
    name: "value",
    async arrays(x: Float64Array) {
      const answer = await problem.value(x);
      return typeof answer === "number" ? [] : [answer];
    },
  };
  const constraints = "constraints" in problem && {
    name: "constraints",
    arrays: async (x: Float64Array) => [await problem.constraints(x)],
  };
  const both = "valueAndGradient" in problem && {
    name: "valueAndGradient",
    arrays: async (x: Float64Array) => [(await problem.valueAndGradient(x)).gradient],
  };
  const hessian = "hessian" in problem && {
    name: "hessian",
    async arrays(x: Float64Array) {
      const matrix = await problem.hessian?.(x);
      return matrix ? numbersOf(matrix) : [];
    },
  };
  return [value, gradient, both, hessian, constraints, jacobian].filter((call) => call !== false);
}

function messageOf(comparisons: readonly DerivativeComparison[]): string {
  const wrong = comparisons.find(({ agrees }) => !agrees);
  if (!wrong)
    return `${comparisons.map(({ derivative }) => derivative).join(", ")}: as differences give them`;
  const { derivative, row, column, given, expected, uncertainty } = wrong;
  const at = derivative === "jacobian" || derivative.startsWith("hessian") ? `${row}, ${column}` : column;
  const [is, wanted] = [given, expected].map((entry) => Number(entry.toPrecision(10)));
  return `${derivative}: entry [${at}] is ${is}, but differences give ${wanted} ± ${uncertainty.toPrecision(1)}`;
}

/**
 * Compares the derivatives of an objective (gradient, and Hessian and its products where it has them), a residual
 * (Jacobian) or an equality-constrained problem (both, the Hessian being that of the Lagrangian) at x with central differences, extrapolated to steps of length 0; those of the Hessian are differences of
 * the gradient. Where a method of descent ends with `no-acceptable-step` or `precision-limit` far from a minimum, this
 * tells whether a derivative is wrong:
 *
 *     const { agree, message } = await checkDerivatives(objective, x);
 *
 * 24 evaluations per number of x and derivative.
 * Source: Ridders 1982, "Accurate computation of F'(x) and F'(x) F''(x)".
 *
 * @param x where the problem is smooth; not a minimum, where the gradient is 0 whatever its sign or scale
 * @throws ArgumentError when an argument does not fit, the problem is not finite beside x, or a function changes x or
 *   overwrites what it returned before
 */
export async function checkDerivatives(
  problem: DifferentiableProblem,
  x: Float64Array,
  options: DerivativeCheckOptions = {},
): Promise<DerivativeCheck> {
  checkOptions("checkDerivatives", options, ["coordinates", "tolerance"]);
  if (typeof problem !== "object" || problem === null)
    throw new ArgumentError(`problem must be an objective or a residual, got ${shown(problem)}`);
  checkPoint(x, problem.dimension);
  const { coordinates = Array.from(x.keys()), tolerance = 1e-4 } = options;
  checkPositive({ tolerance });
  if (!Array.isArray(coordinates) || coordinates.length === 0 || coordinates.some((j) => !(j in x)))
    throw new ArgumentError(
      `coordinates must be numbers from 0 to ${x.length - 1}, at least one, got ${shown(coordinates)}`,
    );
  const at = x.slice();
  const pairs = await pairsOf(problem, x.slice());
  const beside = x.map((xj) => xj + BESIDE * (xj || SHORTEST));
  for (const call of callsOf(problem)) await checkCall(call, x, beside);
  const comparisons: DerivativeComparison[] = [];
  for (const pair of pairs) comparisons.push(await compare(pair, at, { coordinates, tolerance }));
  const agree = comparisons.every(({ agrees }) => agrees);
  return { agree, comparisons, message: messageOf(comparisons) };
}
