import { checkIntegerWithin, checkPositiveInteger } from "../../check/numbers.ts";
import { gaussLegendre } from "../../statistics/quadrature.ts";
import { type RidgeActivationName, type RidgeSpectrum, ridgeActivation } from "./activations.ts";

/** A function rho(t) to analyze with. */
export interface Ridgelet {
  readonly value: (t: number) => number;
  readonly spectrum: RidgeSpectrum;
  /** |rho(t)| is below 1e-9 of its maximum for |t| above this. */
  readonly support: number;
}

const ROOT = Math.sqrt(2 * Math.PI);

/**
 * The derivative of exp(-t^2/2) of some order, up to its sign:  rho^(w) = sqrt(2 pi) w^k e^(-w^2/2), times -i for odd k.
 * Order 1 is t exp(-t^2/2), order 3 is (3 t - t^3) exp(-t^2/2).
 *
 * @throws ArgumentError unless the order is an integer from 1 to 8
 */
export function gaussianRidgelet(order: number): Ridgelet {
  checkIntegerWithin(1, 8, { order });
  const sign = (-1) ** (order + Math.ceil(order / 2));
  return {
    value(t) {
      // Hermite polynomials: He_(k+1) = t He_k - k He_(k-1)
      let previous = 1;
      let hermite = t;
      for (let k = 1; k < order; k++) {
        const next = t * hermite - k * previous;
        previous = hermite;
        hermite = next;
      }
      return sign * hermite * Math.exp((-t * t) / 2);
    },
    spectrum: {
      parity: order % 2 === 0 ? "even" : "odd",
      zeros: order,
      density: (w) => ROOT * w ** order * Math.exp((-w * w) / 2),
    },
    support: 7 + order / 4,
  };
}

/** Whether what a ridgelet analyzes can be synthesized by an activation. */
export interface Admissibility {
  /** K, by which synthesis after analysis multiplies; NaN where the integral diverges. */
  readonly constant: number;
  readonly admissible: boolean;
  /** Why not, where it is not. */
  readonly reason?: string;
}

/** Beyond it the densities of ridgelets are below 1e-40. */
const LARGEST_FREQUENCY = 14;

/**
 * The constant of the reconstruction  S[R[f; rho]; sigma] = K f:
 *
 *     K = (2 pi)^(m-1) int sigma^(w) conj(rho^(w)) |w|^(-m) dw.
 *
 * @param dimension m of the inputs
 * @returns `admissible: false` with the reason where K is zero or the integral diverges at 0
 * @throws ArgumentError for an unknown activation or a dimension that is not a positive integer
 * Source: Murata 1996; Sonoda & Murata 2017, "Neural network with unbounded activation functions is universal
 * approximator".
 */
export function ridgeletAdmissibility(
  activation: RidgeActivationName | Ridgelet,
  ridgelet: Ridgelet,
  dimension: number,
): Admissibility {
  checkPositiveInteger({ dimension });
  const sigma = typeof activation === "string" ? ridgeActivation(activation).spectrum : activation.spectrum;
  const rho = ridgelet.spectrum;
  if (sigma.parity !== rho.parity)
    return {
      constant: 0,
      admissible: false,
      reason: `the constant is zero: the activation is ${sigma.parity} up to a polynomial, the ridgelet ${rho.parity}`,
    };
  const scale = 2 * (2 * Math.PI) ** (dimension - 1);
  const integrand = (w: number) => sigma.density(w) * rho.density(w) * w ** -dimension;
  if (sigma.atom !== undefined) return { constant: scale * integrand(sigma.atom), admissible: true };
  const power = sigma.zeros + rho.zeros - dimension;
  if (power <= -1)
    return {
      constant: Number.NaN,
      admissible: false,
      reason: `the integral diverges at frequency 0 like w^${power}: take a ridgelet of an order higher by ${-power} or more`,
    };
  const { nodes, weights } = gaussLegendre(160);
  const half = LARGEST_FREQUENCY / 2;
  const sum = nodes.reduce((total, node, k) => total + weights[k] * integrand(half * (1 + node)), 0);
  return { constant: scale * half * sum, admissible: true };
}
