import { checkOptions } from "../../check/options.ts";
import { checkTimeWindow, type ForwardProcess } from "./contract.ts";
import { integralOf, POSITIVE, type TimeFunction, valueAtTime } from "./integral.ts";

export interface VariancePreservingOptions {
  /** The speed g > 0, a number or a smooth function of time; 1 by default. */
  readonly speed?: TimeFunction;
  /** Scores are infinite at time 0, so the window starts later. */
  readonly startTime?: number;
  readonly endTime?: number;
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
  const integral = integralOf("speed", speed, POSITIVE);
  integral(endTime);
  return {
    name: "variance preserving",
    space: "ambient",
    startTime,
    endTime,
    rate: (t) => -valueAtTime(speed, t) / 2,
    drift: () => 0,
    diffusion: (t) => valueAtTime(speed, t),
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
