import { zerosOf } from "../../check/arrays.ts";
import { ArgumentError } from "../../check/errors.ts";
import { checkIntegerWithin, checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { extremeUnit } from "../../linalg/extreme-unit.ts";
import type { LanczosRule } from "./lanczos-quadrature.ts";

/** An estimate from independent probes. */
export interface Estimate {
  readonly value: number;
  /** Standard error of the value over the probes; NaN with a single probe. */
  readonly standardError: number;
}

/** Squares stay within float64 where deviations are between 2^-400 and 2^400. */
const FAR = 2 ** 400;

/** Mean and standard error of independent draws. */
export function estimateOf(draws: ArrayLike<number>): Estimate {
  const n = draws.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += draws[i] / n;
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(draws[i] - mean));
  const unit = Number.isFinite(largest) ? extremeUnit(largest, FAR) : 1;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += ((draws[i] - mean) / unit) ** 2;
  return { value: mean, standardError: n > 1 ? unit * Math.sqrt(squares / (n - 1) / n) : Number.NaN };
}

function requireRules(rules: readonly LanczosRule[]): void {
  if (rules.length === 0) throw new ArgumentError("rules must have at least one rule, got none");
}

/**
 * The mean of a function over the spectrum, tr f(A) / n, from quadrature rules.
 *
 * @throws ArgumentError when there are no rules
 */
export function spectralMean(
  rules: readonly LanczosRule[],
  f: (eigenvalue: number) => number = (eigenvalue) => eigenvalue,
): Estimate {
  requireRules(rules);
  return estimateOf(
    rules.map(({ nodes, weights }) => nodes.reduceRight((sum, node, j) => sum + weights[j] * f(node), 0)),
  );
}

export interface DensityOptions {
  /** Standard deviation of the Gaussian that represents each eigenvalue. */
  readonly sigma?: number;
  /** Number of grid points if `grid` is not given. */
  readonly points?: number;
  /** Points at which the density is evaluated, ascending. */
  readonly grid?: Float64Array;
}

/** A density of eigenvalues on a grid. */
export interface SpectralDensity {
  readonly grid: Float64Array;
  readonly density: Float64Array;
  /** Standard error of the density at each point, over the probes; NaN with a single probe. */
  readonly standardError: Float64Array;
  readonly sigma: number;
}

function smooth(
  rules: readonly LanczosRule[],
  sigma: number,
  grid: Float64Array,
  place: (node: number) => number | undefined,
): SpectralDensity {
  const height = 1 / (sigma * Math.sqrt(2 * Math.PI));
  const curves = rules.map(({ nodes, weights }) => {
    const curve = new Float64Array(grid.length);
    for (let j = nodes.length - 1; j >= 0; j--) {
      const at = place(nodes[j]);
      if (at === undefined) continue;
      for (let i = 0; i < grid.length; i++)
        curve[i] += weights[j] * height * Math.exp(-0.5 * ((grid[i] - at) / sigma) ** 2);
    }
    return curve;
  });
  const estimates = Array.from(grid, (_, i) => estimateOf(curves.map((curve) => curve[i])));
  return {
    grid,
    density: Float64Array.from(estimates, ({ value }) => value),
    standardError: Float64Array.from(estimates, ({ standardError }) => standardError),
    sigma,
  };
}

function evenGrid(low: number, high: number, points: number): Float64Array<ArrayBuffer> {
  checkIntegerWithin(2, Number.POSITIVE_INFINITY, { points });
  return zerosOf({ points }).map((_, i) => low + ((high - low) * i) / (points - 1));
}

/** A Gaussian has less than 1e-8 of its mass beyond this many standard deviations. */
const TAIL = 6;
/** A spectrum whose width is at most this share of its largest |eigenvalue| is one eigenvalue, spread by rounding. */
const ROUNDING = 1e-10;

/**
 * The density of eigenvalues, each smoothed to a Gaussian:
 *
 *     phi(t) = (1/probes) sum_v sum_j gamma_vj N(t; theta_vj, sigma^2)
 *
 * By default sigma is a hundredth of the width of the spectrum, or of the eigenvalue where there is one alone, and the grid
 * extends far enough to contain all mass.
 *
 * @throws ArgumentError when there are no rules, sigma is not > 0, or a grid has fewer than 2 points
 */
export function spectralDensity(
  rules: readonly LanczosRule[],
  options: DensityOptions = {},
): SpectralDensity {
  checkOptions("spectralDensity", options, ["sigma", "points", "grid"]);
  const { sigma, points = 1001, grid } = options;
  requireRules(rules);
  const low = Math.min(...rules.map(({ nodes }) => nodes[nodes.length - 1]));
  const high = Math.max(...rules.map(({ nodes }) => nodes[0]));
  const size = Math.max(Math.abs(low), Math.abs(high));
  const extent = high - low > ROUNDING * size ? high - low : size || 1;
  const width = sigma ?? 0.01 * extent;
  checkPositive({ sigma: width });
  return smooth(
    rules,
    width,
    grid ?? evenGrid(low - TAIL * width, high + TAIL * width, points),
    (node) => node,
  );
}

/** The density of eigenvalues over log10 |lambda|, separately by sign. */
export interface LogSpectralDensity {
  /** Density per decade of the positive eigenvalues over log10 lambda. */
  readonly positive: SpectralDensity;
  /** Density per decade of the negative eigenvalues over log10 |lambda|. */
  readonly negative: SpectralDensity;
  /** Share of the eigenvalues with |lambda| <= `floor`, which the two densities leave out. */
  readonly nearZero: Estimate;
}

export interface LogDensityOptions {
  /** Eigenvalues up to this absolute value count as 0; defaults to 1e-8 of the largest. */
  readonly floor?: number;
  /** Standard deviation of the smoothing, in decades. */
  readonly sigma?: number;
  readonly points?: number;
}

/**
 * The density of eigenvalues over log10 |lambda|, smoothed by a Gaussian: it shows the bulk and its outliers in one
 * picture. The two densities and the share near zero have total mass 1.
 *
 * @throws ArgumentError when there are no rules, or sigma or floor is not > 0
 */
export function logSpectralDensity(
  rules: readonly LanczosRule[],
  options: LogDensityOptions = {},
): LogSpectralDensity {
  checkOptions("logSpectralDensity", options, ["floor", "sigma", "points"]);
  const { floor, sigma = 0.1, points = 401 } = options;
  requireRules(rules);
  checkPositive({ sigma });
  const largest = Math.max(...rules.flatMap(({ nodes }) => [nodes[0], -nodes[nodes.length - 1]]));
  const least = floor ?? 1e-8 * (largest || 1);
  checkPositive({ floor: least });
  const top = Math.max(Math.log10(largest || 1), Math.log10(least));
  const grid = evenGrid(Math.log10(least) - TAIL * sigma, top + TAIL * sigma, points);
  const side = (sign: number) =>
    smooth(rules, sigma, grid, (node) => (sign * node > least ? Math.log10(sign * node) : undefined));
  return {
    positive: side(1),
    negative: side(-1),
    nearZero: spectralMean(rules, (eigenvalue) => (Math.abs(eigenvalue) <= least ? 1 : 0)),
  };
}
