import { ArgumentError } from "../../check/errors.ts";
import { checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import { gaussLegendre } from "../../statistics/quadrature.ts";
import { checkTimeWindow, type ForwardProcess } from "./contract.ts";

export interface VariancePreservingOptions {
  /** The speed g > 0, a number or a smooth function of time; 1 by default. */
  readonly speed?: number | ((t: number) => number);
  /** Scores are infinite at time 0, so the window starts later. */
  readonly startTime?: number;
  readonly endTime?: number;
}

/** Nodes on the whole of [0, t]: exact for polynomial speeds of degree 63. */
const ORDER = 32;

/** The integral of a speed from 0 to t, which remembers the last times. */
function integralOf(speed: (t: number) => number): (t: number) => number {
  const { nodes, weights } = gaussLegendre(ORDER);
  const known = new Map<number, number>();
  return (t) => {
    const before = known.get(t);
    if (before !== undefined) return before;
    let sum = 0;
    for (let k = 0; k < ORDER; k++) {
      const at = (t / 2) * (1 + nodes[k]);
      const value = speed(at);
      if (!(value > 0 && value < Number.POSITIVE_INFINITY))
        throw new ArgumentError(`speed must be a positive number at every time, got ${value} at ${at}`);
      sum += weights[k] * value;
    }
    if (known.size >= 4096) known.clear();
    known.set(t, (t / 2) * sum);
    return (t / 2) * sum;
  };
}

/**
 * The variance-preserving process, an Ornstein-Uhlenbeck process with speed g,
 *
 *     dX = -g(t)/2 X dt + sqrt(g(t)) dW,     X_t = alpha X_0 + sqrt(h) Z,     alpha = exp(-1/2 int_0^t g),  h = 1 - alpha^2.
 *
 * A speed that is a function is integrated by Gauss-Legendre quadrature of order 32 on [0, t].
 * Source: Song et al. 2021, "Score-based generative modeling through stochastic differential equations", equation 11.
 *
 * @throws ArgumentError unless 0 < startTime < endTime and the speed is positive, a function at the times where it is
 *   evaluated
 */
export function variancePreservingProcess(options: VariancePreservingOptions = {}): ForwardProcess {
  checkOptions("variancePreservingProcess", options, ["speed", "startTime", "endTime"]);
  const { speed = 1, startTime = 0.05, endTime = 1 } = options;
  checkTimeWindow(startTime, endTime);
  if (typeof speed !== "function") checkPositive({ speed });
  const g = typeof speed === "function" ? speed : () => speed;
  const integral = typeof speed === "function" ? integralOf(speed) : (t: number) => speed * t;
  integral(endTime);
  return {
    name: "variance preserving",
    space: "ambient",
    startTime,
    endTime,
    rate: (t) => -g(t) / 2,
    drift: () => 0,
    diffusion: g,
    scale: (t) => Math.exp(-integral(t) / 2),
    shift: () => 0,
    variance: (t) => -Math.expm1(-integral(t)),
    reverseStep(from, to) {
      const G = integral(from) - integral(to);
      return {
        factor: Math.exp(G / 2),
        shift: 0,
        score: 2 * Math.expm1(G / 2),
        deviation: Math.sqrt(Math.expm1(G)),
      };
    },
  };
}
