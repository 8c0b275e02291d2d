import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkPositive, checkPositiveInteger } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import { forwardProduct, type LinearOperator, type Product } from "../linalg/operator/contract.ts";
import { checkSquare } from "../linalg/square.ts";
import { dot, norm2 } from "../linalg/vector.ts";
import { randomStream } from "../random/stream.ts";

/** A property that `checkOperator` compares. */
export type OperatorProperty = "linear" | "symmetric" | "adjoint";

/** The two sides of a property that fit each other least. */
export interface OperatorComparison {
  readonly property: OperatorProperty;
  readonly agrees: boolean;
  /** What the two sides differ by, relative to the sizes of what was multiplied. */
  readonly difference: number;
}

/** What `checkOperator` found. */
export interface OperatorCheck {
  /** Whether all of them agree. */
  readonly agree: boolean;
  readonly comparisons: readonly OperatorComparison[];
  /** The first that does not agree, or all that do, in words. */
  readonly message: string;
}

export interface OperatorCheckOptions {
  /** Pairs of random vectors; 3 by default. */
  readonly pairs?: number;
  /** What the two sides may differ by; 1e-4 for products in float32, otherwise 1e-9, by default. */
  readonly tolerance?: number;
  readonly seed?: number;
}

const IN_FLOAT64 = 1e-9;
const IN_FLOAT32 = 1e-4;

/**
 * A product of the operator in a new array, which shows whether it depends on what `out` had.
 *
 * @throws ArgumentError naming a function that changes its operand, leaves entries of `out` or adds to them, or gives NaN
 */
async function productOf(name: string, product: Product, x: Float64Array, length: number) {
  const given = x.slice();
  const out = new Float64Array(length).fill(Number.NaN);
  const again = new Float64Array(length);
  await product(given, out);
  const j = given.findIndex((value, k) => value !== x[k]);
  if (j >= 0)
    throw new ArgumentError(
      `${name} must leave its operand as it is; it changed number ${j} from ${x[j]} to ${given[j]}`,
    );
  await product(given, again);
  const size = again.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // threads may add in another order
  const i = out.findIndex(
    (value, k) => !Object.is(value, again[k]) && !(Math.abs(value - again[k]) <= IN_FLOAT32 * size),
  );
  if (i >= 0)
    throw new ArgumentError(
      `${name} must overwrite every entry of out, and give the same result again; entry ${i} is ${shown(out[i])} where out was NaN, ${shown(again[i])} where it was 0`,
    );
  const wrong = out.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new ArgumentError(
      `${name} must be finite for a random operand, got ${out[wrong]} at index ${wrong}`,
    );
  return out;
}

const messages = {
  linear: "A (a x + b y) = a A x + b A y",
  symmetric: "y^T A x = x^T A y",
  adjoint: "v^T A x = x^T A^T v",
} as const satisfies Record<OperatorProperty, string>;

const remedies = {
  linear: "apply is not linear; a constant term belongs in the right-hand side",
  symmetric: "A is not symmetric: leave out symmetric: true, or correct apply",
  adjoint: "applyAdjoint is not the product with the transpose of what apply multiplies by",
} as const satisfies Record<OperatorProperty, string>;

/**
 * Compares the products of a linear operator with each other for random vectors: `apply` is linear, A is symmetric where
 * it says so, and `applyAdjoint`, where there is one, multiplies by A^T. Methods rely on all of them, and converge to
 * something else, or not at all, where one does not hold:
 *
 *     const { agree, message } = await checkOperator(A);
 *
 * A wrong entry shows where it is not tiny beside the others. Six products with A and two with A^T a pair.
 * Source: the dot-product test of Claerbout 1992, "Earth Soundings Analysis", chapter 5.
 *
 * @throws ArgumentError when an argument does not fit, or a function changes its operand, does not overwrite `out`, gives
 *   another result when it is called again, or one that is not finite
 */
export async function checkOperator(
  A: LinearOperator,
  options: OperatorCheckOptions = {},
): Promise<OperatorCheck> {
  checkOptions("checkOperator", options, ["pairs", "tolerance", "seed"]);
  const { pairs = 3, seed = 0 } = options;
  checkPositiveInteger({ pairs });
  if (options.tolerance !== undefined) checkPositive({ tolerance: options.tolerance });
  if (typeof A !== "object" || A === null || typeof A.apply !== "function")
    throw new ArgumentError(`A must be a linear operator { rows, columns, apply }, got ${shown(A)}`);
  const { rows, columns, symmetric = false } = A;
  checkPositiveInteger({ rows, columns });
  if (symmetric) checkSquare(A);
  const stream = randomStream(seed);
  const random = (length: number) => stream.fillNormal(new Float64Array(length));
  const forward = (x: Float64Array) => productOf("apply", forwardProduct(A), x, rows);
  const backward = (v: Float64Array) =>
    productOf("applyAdjoint", async (at, out) => A.applyAdjoint?.(at, out), v, columns);

  const largest = new Map<OperatorProperty, number>([["linear", 0]]);
  const note = (property: OperatorProperty, difference: number, size: number) =>
    largest.set(property, Math.max(largest.get(property) ?? 0, difference === 0 ? 0 : difference / size));
  let single = true;
  for (let pair = 0; pair < pairs; pair++) {
    const [x, y, v] = [random(columns), random(columns), random(rows)];
    const [a, b] = random(2);
    const [Ax, Ay] = [await forward(x), await forward(y)];
    single &&= Ax.every((value) => Math.fround(value) === value);
    const both = await forward(x.map((xj, j) => a * xj + b * y[j]));
    const off = norm2(both.map((value, i) => value - (a * Ax[i] + b * Ay[i])));
    note("linear", off, Math.abs(a) * norm2(Ax) + Math.abs(b) * norm2(Ay));
    if (symmetric)
      note("symmetric", Math.abs(dot(y, Ax) - dot(x, Ay)), norm2(y) * norm2(Ax) + norm2(x) * norm2(Ay));
    if (A.applyAdjoint) {
      const Av = await backward(v);
      note("adjoint", Math.abs(dot(v, Ax) - dot(x, Av)), norm2(v) * norm2(Ax) + norm2(x) * norm2(Av));
    }
  }
  const { tolerance = single ? IN_FLOAT32 : IN_FLOAT64 } = options;
  const comparisons = [...largest].map(([property, difference]) => ({
    property,
    agrees: difference <= tolerance,
    difference,
  }));
  const wrong = comparisons.find(({ agrees }) => !agrees);
  return {
    agree: wrong === undefined,
    comparisons,
    message: wrong
      ? `${wrong.property}: ${messages[wrong.property]} differs by ${wrong.difference.toPrecision(2)} of its size for random vectors: ${remedies[wrong.property]}`
      : `${comparisons.map(({ property }) => property).join(", ")}: as the products of random vectors give it`,
  };
}
