import { DataError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { gaussLegendre } from "../../statistics/quadrature.ts";
import { proximal, type Univariate } from "./proximal.ts";

/** The soft Moreau envelope at a point, and the step of consensus hopping from there. */
export interface SoftMoreauEnvelope {
  /** M(x). */
  readonly value: number;
  /** The mean of the weighted law: where consensus hopping of infinitely many samples goes, x - tau M'(x). */
  readonly consensus: number;
  /** The proximal point of f, the limit of `consensus` for alpha -> infinity. */
  readonly proximal: number;
}

/** Standard deviations to which the weighted law is integrated: e^(-40.5) of its density is left out. */
const REACH = 9;
const rule = gaussLegendre(12);
const MOST_DEPTH = 40;
/** Panels halved to full accuracy: a smooth function needs tens, one with kinks hundreds. */
const EXACT_HALVINGS = 4096;
/** Rounding errors of f, in units of its last digit, that may keep halves from agreeing with their panel. */
const ROUNDING = 64 * Number.EPSILON;
/** The weight of a point that rounding puts below the least value stays in float64's range. */
const LARGEST_EXPONENT = 600;

/** The integrals of w(y) and (y - center) w(y). */
type Moments = readonly [number, number];

function panel(weight: Univariate, center: number, low: number, high: number): Moments {
  const half = (high - low) / 2;
  let [total, first] = [0, 0];
  for (let k = 0; k < rule.nodes.length; k++) {
    const y = low + half * (1 + rule.nodes[k]);
    const w = half * rule.weights[k] * weight(y);
    total += w;
    first += (y - center) * w;
  }
  return [total, first];
}

/** What ends the halving of panels: the disagreement allowed at first, and once the exact halvings are spent. */
interface Accuracy {
  readonly exact: Moments;
  readonly rounded: Moments;
  halvings: number;
}

/** Halves a panel until the halves agree with it. */
function refined(
  weight: Univariate,
  center: number,
  [low, high]: readonly [number, number],
  whole: Moments,
  accuracy: Accuracy,
  depth: number,
): Moments {
  accuracy.halvings += 1;
  const tolerance = accuracy.halvings > EXACT_HALVINGS ? accuracy.rounded : accuracy.exact;
  const middle = (low + high) / 2;
  const left = panel(weight, center, low, middle);
  const right = panel(weight, center, middle, high);
  const sums: Moments = [left[0] + right[0], left[1] + right[1]];
  const agrees = Math.abs(sums[0] - whole[0]) <= tolerance[0] && Math.abs(sums[1] - whole[1]) <= tolerance[1];
  if (agrees || depth === MOST_DEPTH) return sums;
  const a = refined(weight, center, [low, middle], left, accuracy, depth + 1);
  const b = refined(weight, center, [middle, high], right, accuracy, depth + 1);
  return [a[0] + b[0], a[1] + b[1]];
}

/**
 * The soft Moreau envelope of a function of one variable
 *
 *     M(x) = -(1/alpha) ln E[exp(-alpha f(y))],   y ~ N(x, tau/alpha),
 *
 * whose gradient step x - tau M'(x) is the step of consensus hopping with infinitely many samples of width
 * sqrt(tau/alpha); for alpha -> infinity it becomes the Moreau envelope min_y f(y) + (y - x)^2 / (2 tau). Integrated by
 * adaptive Gauss-Legendre quadrature around the proximal point, to about 1e-13 relative to the integral, kinks included;
 * where rounding errors of f times alpha are more than that, to these.
 * f(y) + (y - x)^2 / (2 tau) must be unimodal and grow at least as fast as (y - proximal point)^2 / (2 tau), as for
 * convex f.
 *
 * @param options.stepSize tau > 0
 * @param options.inverseTemperature alpha > 0, finite
 * @throws ArgumentError unless f is a function, x finite, tau and alpha finite and > 0, or for an unknown option
 * @throws DataError when f is NaN, or the sum above is unbounded below
 */
export function softMoreauEnvelope(
  f: Univariate,
  x: number,
  options: { readonly stepSize: number; readonly inverseTemperature: number },
): SoftMoreauEnvelope {
  checkGivenOptions("softMoreauEnvelope", options, ["stepSize", "inverseTemperature"]);
  const { stepSize, inverseTemperature } = options;
  checkPositive({ stepSize, inverseTemperature });
  const center = proximal(f, x, stepSize);
  const raised: Univariate = (y) => f(y) + ((y - x) * (y - x)) / (2 * stepSize);
  const least = raised(center);
  const weight: Univariate = (y) => {
    const w = Math.exp(Math.min(LARGEST_EXPONENT, -inverseTemperature * (raised(y) - least)));
    if (Number.isNaN(w)) throw new DataError(`f must not be NaN, got it at y = ${y}`);
    return w;
  };
  const width = Math.sqrt(stepSize / inverseTemperature);
  // The law may be much narrower than the Gaussian of this width: panels shrink toward the proximal point.
  const edges = [0, ...Array.from({ length: 12 }, (_, k) => REACH * width * 2 ** (k - 11))];
  const panels = edges.slice(1).flatMap((edge, k): readonly (readonly [number, number])[] => [
    [center + edges[k], center + edge],
    [center - edge, center - edges[k]],
  ]);
  const rough = panels.map(([low, high]) => panel(weight, center, low, high));
  const total = rough.reduce((sum, moments) => sum + moments[0], 0);
  const share = Math.max(1e-14, ROUNDING * inverseTemperature * Math.abs(least));
  const accuracy: Accuracy = {
    exact: [1e-14 * total, 1e-14 * total * width],
    rounded: [share * total, share * total * width],
    halvings: 0,
  };
  let [mass, first] = [0, 0];
  panels.forEach((ends, k) => {
    const moments = refined(weight, center, ends, rough[k], accuracy, 0);
    mass += moments[0];
    first += moments[1];
  });
  // the density of N(x, width^2) has the factor 1 / (sqrt(2 pi) width)
  const logMean = Math.log(mass / (Math.sqrt(2 * Math.PI) * width));
  return {
    value: least - logMean / inverseTemperature,
    consensus: center + first / mass,
    proximal: center,
  };
}
