import { ArgumentError, ConvergenceError } from "../../check/errors.ts";
import { checkFunction } from "../../check/options.ts";
import { solveLeastSquaresBySvd } from "../../linalg/least-squares.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { penalizedSlope } from "./hyperobjective.ts";
import { checkDerivative, type Oracle } from "./oracle.ts";
import type { BilevelProblem, SecondDerivativeProducts } from "./problem.ts";

/** Singular values below this share of the largest count as 0 in the pseudo-inverse. */
const PSEUDO_INVERSE_CUTOFF = 1e-10;

type LevelProducts = "lowerProducts" | "upperProducts";

/** @throws ArgumentError where the problem has no products with second derivatives */
export function productsOf(
  problem: BilevelProblem,
  method: string,
  of: LevelProducts = "lowerProducts",
): SecondDerivativeProducts {
  const products = problem[of];
  if (!products) {
    const where = of === "upperProducts" ? " at a sigma" : "";
    throw new ArgumentError(`${of} must be given for the "${method}" hypergradient${where}, got undefined`);
  }
  checkFunction({ [`${of}.yy`]: products.yy, [`${of}.xy`]: products.xy });
  return products;
}

/** Products with second derivatives, checked and counted. */
export function countedProducts(
  problem: BilevelProblem,
  oracle: Oracle,
  method: string,
  of: LevelProducts = "lowerProducts",
): SecondDerivativeProducts {
  const { yy, xy } = productsOf(problem, method, of);
  const { dimensionX, dimensionY } = problem;
  return {
    async yy(x, y, v) {
      oracle.products += 1;
      return checkDerivative(`${of}.yy`, await yy(x, y, v), dimensionY, x, y);
    },
    async xy(x, y, v) {
      oracle.products += 1;
      return checkDerivative(`${of}.xy`, await xy(x, y, v), dimensionX, x, y);
    },
  };
}

/** Products of sigma f + g. */
function penalizedProducts(problem: BilevelProblem, oracle: Oracle, sigma: number): SecondDerivativeProducts {
  const lower = countedProducts(problem, oracle, "explicit");
  if (sigma === 0) return lower;
  const upper = countedProducts(problem, oracle, "explicit", "upperProducts");
  const both =
    (part: "yy" | "xy"): SecondDerivativeProducts["yy"] =>
    async (x, y, v) => {
      const f = await upper[part](x, y, v);
      const weighted = f.map((value) => sigma * value);
      const g = await lower[part](x, y, v);
      return g.map((value, i) => value + weighted[i]);
    };
  return { yy: both("yy"), xy: both("xy") };
}

/** An explicit hypergradient, and the active constraints on which it rests. */
export interface ExplicitHypergradient {
  readonly gradient: Float64Array;
  /** Places of the constraints with q_i(y) >= -activeTolerance. */
  readonly active: readonly number[];
  /** Of the active constraints, for the lower level; with sigma, for sigma f + g. */
  readonly multipliers: Float64Array;
}

/**
 * grad psi(x) = grad_x f - [0, d^2 g/dx dy] M^+ [0; grad_y f] at (x, y), with the pseudo-inverse of
 * M = [[0, J], [J^T, d^2 g/dy^2 + sum_i lambda_i d^2 q_i/dy^2]], J the gradients of the active constraints. With
 * sigma f + g in place of g it is d^2 l/(dx dsigma), l(x, sigma) = min_y sigma f(x, y) + g(x, y).
 */
export async function explicitHypergradient(
  problem: BilevelProblem,
  oracle: Oracle,
  x: Float64Array,
  y: Float64Array,
  { activeTolerance, sigma }: { readonly activeTolerance: number; readonly sigma: number },
): Promise<ExplicitHypergradient> {
  const { dimensionX: dx, dimensionY: dy, lowerConstraints } = problem;
  const { yy, xy } = penalizedProducts(problem, oracle, sigma);
  const q = lowerConstraints?.values(y) ?? new Float64Array();
  const active = Array.from(q.keys()).filter((i) => q[i] >= -activeTolerance);
  const m = active.length;
  const J = new Float64Array(m * dy);
  let multipliers = new Float64Array(m);
  if (lowerConstraints && m > 0) {
    const { rows, columns, values } = lowerConstraints.jacobian(y);
    if (rows !== q.length || columns !== dy)
      throw new ArgumentError(
        `lowerConstraints.jacobian must return a ${q.length} x ${dy} matrix, got ${rows} x ${columns}`,
      );
    for (const [row, i] of active.entries()) J.set(values.subarray(i * dy, (i + 1) * dy), row * dy);
    const transposed = new Float64Array(dy * m);
    for (let i = 0; i < m; i++) for (let j = 0; j < dy; j++) transposed[j * m + i] = J[i * dy + j];
    const slope = await penalizedSlope(problem, oracle, x, sigma)(y, new Float64Array(dy));
    const solved = solveLeastSquaresBySvd(
      denseMatrix(transposed, dy, m),
      slope.map((value) => -value),
      { relativeCutoff: PSEUDO_INVERSE_CUTOFF },
    );
    if (solved.rank < m)
      throw new ConvergenceError(
        `the gradients of the ${m} active constraints ${active.join(", ")} are linearly dependent: the formula needs them independent`,
      );
    multipliers = solved.x;
  }
  const order = m + dy;
  const M = new Float64Array(order * order);
  const all = new Float64Array(q.length);
  for (const [row, i] of active.entries()) all[i] = multipliers[row];
  const unit = new Float64Array(dy);
  for (let j = 0; j < dy; j++) {
    unit.fill(0)[j] = 1;
    const column = await yy(x, y, unit);
    const bend = lowerConstraints?.hessianProduct?.(y, all, unit);
    for (let i = 0; i < dy; i++) M[(m + i) * order + m + j] = column[i] + (bend?.[i] ?? 0);
    for (let i = 0; i < m; i++) M[i * order + m + j] = M[(m + j) * order + i] = J[i * dy + j];
  }
  const rightSide = new Float64Array(order);
  rightSide.set(await oracle.upperY(x, y, new Float64Array(dy)), m);
  const { x: solution } = solveLeastSquaresBySvd(denseMatrix(M, order, order), rightSide, {
    relativeCutoff: PSEUDO_INVERSE_CUTOFF,
  });
  const correction = await xy(x, y, solution.subarray(m));
  const fx = await oracle.upperX(x, y, new Float64Array(dx));
  return { gradient: Float64Array.from(fx, (value, i) => value - correction[i]), active, multipliers };
}
