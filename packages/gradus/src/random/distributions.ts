import { ArgumentError } from "../check/errors.ts";
import { checkIntegerWithin } from "../check/numbers.ts";
import { portableExp, portableLog } from "./elementary.ts";

/** What the samplers draw from. */
export interface VariateSource {
  /** Uniform on [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

function checkShape(name: string, shape: number): void {
  if (!(shape > 0 && shape < Number.POSITIVE_INFINITY))
    throw new ArgumentError(`${name} must be a finite number > 0, got ${shape}`);
}

/** Exponential with mean 1, by inversion: -ln(1 - u). */
export function sampleExponential(source: VariateSource): number {
  return -portableLog(1 - source.uniform());
}

// Marsaglia & Tsang 2000, "A simple method for generating gamma variables", for shape >= 1
function gammaFromNormal(source: VariateSource, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = source.normal();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    const u = source.uniform();
    if (portableLog(u) < 0.5 * x * x + d - d * v + d * portableLog(v)) return d * v;
  }
}

// ln of a gamma variate. For shape a < 1 the variate itself can underflow (at a = 1e-4 nearly always); its logarithm
// does not: X_a = X_{a+1} U^{1/a}.
function logGammaVariate(source: VariateSource, shape: number): number {
  if (shape >= 1) return portableLog(gammaFromNormal(source, shape));
  const boosted = portableLog(gammaFromNormal(source, shape + 1));
  return boosted - sampleExponential(source) / shape;
}

/**
 * Gamma variate of the given shape and scale 1, density x^(shape-1) e^(-x) / Gamma(shape).
 * Source: Marsaglia & Tsang 2000.
 *
 * @throws ArgumentError unless shape is finite and > 0
 */
export function sampleGamma(source: VariateSource, shape: number): number {
  checkShape("shape", shape);
  return shape >= 1 ? gammaFromNormal(source, shape) : portableExp(logGammaVariate(source, shape));
}

/**
 * Dirichlet variate: independent gamma variates of the given shapes, divided by their sum (in logarithms, so that
 * concentrations far below 1 do not give 0/0).
 *
 * @param concentration one number > 0 per component
 * @returns one share >= 0 per component; they sum to 1
 * @throws ArgumentError when there is no component or one is not finite and > 0
 */
export function sampleDirichlet(
  source: VariateSource,
  concentration: ArrayLike<number>,
): Float64Array<ArrayBuffer> {
  const k = concentration.length;
  if (k === 0) throw new ArgumentError("concentration must have at least one component, got none");
  const share = new Float64Array(k);
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < k; i++) {
    checkShape(`concentration[${i}]`, concentration[i]);
    share[i] = logGammaVariate(source, concentration[i]);
    if (share[i] > largest) largest = share[i];
  }
  let total = 0;
  for (let i = 0; i < k; i++) {
    share[i] = portableExp(share[i] - largest);
    total += share[i];
  }
  for (let i = 0; i < k; i++) share[i] /= total;
  return share;
}

/**
 * A point uniform on the unit sphere of R^d: a standard normal vector divided by its length (Muller 1959).
 *
 * @throws ArgumentError unless dimension is an integer in 1 .. 2^31 - 1
 */
export function sampleUnitSphere(source: VariateSource, dimension: number): Float64Array<ArrayBuffer> {
  checkIntegerWithin(1, 2 ** 31 - 1, { dimension });
  const point = new Float64Array(dimension);
  for (;;) {
    let square = 0;
    for (let i = 0; i < dimension; i++) {
      const x = source.normal();
      point[i] = x;
      square += x * x;
    }
    if (square === 0) continue;
    const length = Math.sqrt(square);
    for (let i = 0; i < dimension; i++) point[i] /= length;
    return point;
  }
}
