import { checkOptions } from "../../check/options.ts";
import { checkTimeWindow, type ForwardProcess } from "./contract.ts";
import { integralOf, POSITIVE, type TimeFunction, valueAtTime } from "./integral.ts";

export interface VarianceExplodingOptions {
  /** sigma > 0, a number or a smooth function of time; 1 by default. */
  readonly volatility?: TimeFunction;
  /** Scores are infinite at time 0, so the window starts later. */
  readonly startTime?: number;
  readonly endTime?: number;
}

export interface GeometricBrownianOptions extends VarianceExplodingOptions {
  /** mu, a number or a smooth function of time; half of the squared volatility by default, which keeps the median. */
  readonly drift?: TimeFunction;
}

/** Brownian motion with drift, in a space. */
function brownian(
  { name, space }: Pick<ForwardProcess, "name" | "space">,
  drift: TimeFunction,
  { volatility = 1, startTime = 1e-3, endTime = 1 }: VarianceExplodingOptions,
): ForwardProcess {
  checkTimeWindow(startTime, endTime);
  // checks the volatility before it is squared
  integralOf("volatility", volatility, POSITIVE)(endTime);
  const square: TimeFunction =
    typeof volatility === "function" ? (t) => volatility(t) ** 2 : volatility * volatility;
  const shift = integralOf("drift", drift);
  const variance = integralOf("volatility^2", square, POSITIVE);
  shift(endTime);
  return {
    name,
    space,
    startTime,
    endTime,
    rate: () => 0,
    drift: (t) => valueAtTime(drift, t),
    diffusion: (t) => valueAtTime(square, t),
    scale: () => 1,
    shift,
    variance,
    reverseStep(from, to) {
      const added = variance(from) - variance(to);
      return { factor: 1, shift: shift(to) - shift(from), score: added, deviation: Math.sqrt(added) };
    },
  };
}

/**
 * The variance-exploding process dX = sigma(t) dW, so X_t = X_0 + sqrt(int_0^t sigma^2) Z.
 * Source: Song et al. 2021, "Score-based generative modeling through stochastic differential equations", equation 9.
 *
 * @throws ArgumentError unless 0 < startTime < endTime and the volatility is positive, a function at the times where it
 *   is evaluated
 */
export function varianceExplodingProcess(options: VarianceExplodingOptions = {}): ForwardProcess {
  checkOptions("varianceExplodingProcess", options, ["volatility", "startTime", "endTime"]);
  return brownian({ name: "variance exploding", space: "ambient" }, 0, options);
}

/**
 * Geometric Brownian motion, the multiplicative process of positive data: coordinate by coordinate,
 *
 *     dX = mu X dt + sigma X dW,     log X_t = log X_0 + int_0^t (mu - sigma^2/2) + sqrt(int_0^t sigma^2) Z.
 *
 * Drift, shift, variance and score are those of Y = log X. With mu = sigma^2/2 the logarithm is a variance-exploding
 * process. A drift or volatility that is a function is integrated by Gauss-Legendre quadrature of order 32 on [0, t].
 * Source: Shetty, Prasath & Seelamantula 2025, "Dale meets Langevin".
 *
 * @throws ArgumentError unless 0 < startTime < endTime, drift is finite and volatility positive, functions at the times
 *   where they are evaluated
 */
export function geometricBrownianProcess(options: GeometricBrownianOptions = {}): ForwardProcess {
  checkOptions("geometricBrownianProcess", options, ["drift", "volatility", "startTime", "endTime"]);
  const { drift: mu, ...rest } = options;
  const { volatility = 1 } = rest;
  const drift = (t: number) => valueAtTime(mu ?? 0, t) - valueAtTime(volatility, t) ** 2 / 2;
  const isConstant = typeof mu !== "function" && typeof volatility !== "function";
  const logDrift = mu === undefined ? 0 : isConstant ? drift(0) : drift;
  return brownian({ name: "geometric Brownian", space: "log" }, logDrift, rest);
}
