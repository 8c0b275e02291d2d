import { ArgumentError, DataError } from "../check/errors.ts";
import { checkNonNegative, checkPositive } from "../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../check/options.ts";
import { logGamma, regularizedGamma } from "./gamma.ts";
import { gaussLegendre } from "./quadrature.ts";

/** Probabilities that sum to 1. */
export interface SignTest {
  /** The differences are mostly below -rope. */
  readonly left: number;
  /** The differences are mostly within [-rope, rope]: practically equal. */
  readonly rope: number;
  /** The differences are mostly above rope. */
  readonly right: number;
}

export interface SignTestOptions {
  /** Half width of the region of practical equivalence, >= 0. */
  readonly rope: number;
  /** Weight of the prior as a number of observations, > 0. */
  readonly prior?: number;
  /** The outcome to which the prior observations are assigned. */
  readonly priorPlace?: keyof SignTest;
}

const BASE_CONCENTRATION = 1e-4; // keeps the Dirichlet distribution proper when an outcome was never observed
const PLACES = ["left", "rope", "right"] as const;

/**
 * Bayesian sign test of paired differences: the posterior probability that "less", "practically equal" or "greater"
 * is the most likely outcome of one more comparison.
 *
 *     (p_left, p_rope, p_right) ~ Dirichlet(n_left + e, n_rope + e, n_right + e) with `prior` added at `priorPlace`,
 *     n_left = #(d < -rope),  n_right = #(d > rope),  n_rope = the rest,  e = 1e-4
 *
 * Source: Benavoli, Corani, Demsar & Zaffalon 2017, "Time for a change", JMLR 18(77).
 *
 * @param differences one number per data set, such as the metric of method B minus that of method A
 * @throws ArgumentError unless rope is finite and >= 0 and prior finite and > 0, or for an unknown option or place
 * @throws DataError when there are no differences or one is not finite
 */
export function bayesianSignTest(differences: ArrayLike<number>, options: SignTestOptions): SignTest {
  checkGivenOptions("bayesianSignTest", options, ["rope", "prior", "priorPlace"]);
  const { rope, prior = 1, priorPlace = "rope" } = options;
  checkNonNegative({ rope });
  checkPositive({ prior });
  checkOneOf(PLACES, { priorPlace });
  if (differences.length === 0) throw new DataError("differences must have at least one number, got none");
  const concentration = PLACES.map((place) => BASE_CONCENTRATION + (place === priorPlace ? prior : 0));
  for (let k = 0; k < differences.length; k++) {
    const d = differences[k];
    if (!Number.isFinite(d)) throw new DataError(`differences must be finite, got ${d} at index ${k}`);
    concentration[d < -rope ? 0 : d > rope ? 2 : 1] += 1;
  }
  const [left, middle, right] = dirichletArgmaxProbabilities(concentration);
  return { left, rope: middle, right };
}

// e^-45 is 3e-20: to the left of it a gamma distribution equals its leading power to double precision
const LOWEST_LOG = -45;
// a factor e^-50 below the peak of the density
const NEGLIGIBLE = 50;
const rule = gaussLegendre(16);

/**
 * For a Dirichlet vector of the given concentrations, the probability that each component is the largest. With
 * independent gamma variables of densities f_i and distribution functions F_i, and x = e^t:
 *
 *     P_i = integral f_i(x) prod_{j != i} F_j(x) dx = integral e^t f_i(e^t) prod_{j != i} F_j(e^t) dt
 *
 * by composite Gauss-Legendre quadrature with an absolute error below 1e-10 for concentrations up to 1e5.
 *
 * @throws ArgumentError when there are fewer than two components or one is not finite and > 0
 */
export function dirichletArgmaxProbabilities(concentration: readonly number[]): number[] {
  if (concentration.length < 2)
    throw new ArgumentError(`concentration must have at least two components, got ${concentration.length}`);
  for (const [i, a] of concentration.entries()) checkPositive({ [`concentration[${i}]`]: a });
  const narrowest = 1 / Math.sqrt(Math.max(1, ...concentration));
  return concentration.map((shape, i) => {
    const others = concentration.filter((_, j) => j !== i);
    const [low, high] = logRange(shape);
    const panels = Math.ceil((high - low) / narrowest);
    const half = (high - low) / panels / 2;
    const constant = logGamma(shape);
    let total = low === LOWEST_LOG ? leftTail(shape, others) : 0;
    for (let panel = 0; panel < panels; panel++) {
      const center = low + (2 * panel + 1) * half;
      for (let k = 0; k < rule.nodes.length; k++) {
        const t = center + half * rule.nodes[k];
        const x = Math.exp(t);
        let value = half * rule.weights[k] * Math.exp(shape * t - x - constant);
        for (const other of others) value *= regularizedGamma(other, x);
        total += value;
      }
    }
    return total;
  });
}

// The range where the density of t = ln x, proportional to exp(a t - e^t), is not negligible next to its peak at t = ln
// a.
function logRange(a: number): [number, number] {
  const peak = Math.log(a);
  const drop = (u: number): number => a * (Math.expm1(u) - u); // drop of the log-density at distance u from the peak
  const width = (sign: 1 | -1): number => {
    let outside = 1;
    while (drop(sign * outside) < NEGLIGIBLE) outside *= 2;
    let inside = 0;
    for (let halving = 0; halving < 30; halving++) {
      const middle = (inside + outside) / 2;
      if (drop(sign * middle) < NEGLIGIBLE) inside = middle;
      else outside = middle;
    }
    return outside;
  };
  return [Math.max(LOWEST_LOG, peak - width(-1)), peak + width(1)];
}

// integral from 0 to x0 = e^LOWEST_LOG of x^(a-1)/Gamma(a) prod_j x^{a_j}/Gamma(a_j + 1)
function leftTail(shape: number, others: readonly number[]): number {
  const sum = others.reduce((total, a) => total + a, shape);
  const constants = others.reduce((total, a) => total + logGamma(a + 1), logGamma(shape));
  return Math.exp(sum * LOWEST_LOG - constants) / sum;
}
