import { checkLimit } from "../../check/numbers.ts";
import { callWithRest, checkFunction } from "../../check/options.ts";
import { type Method, solve } from "../../iterate/iterate.ts";
import { statusMessages } from "../status.ts";
import type { BilevelIterate, BilevelStatus } from "./contract.ts";
import { doubleLoopPenalty } from "./double-loop.ts";
import { levelValue } from "./hyperobjective.ts";
import type { BilevelProblem, BilevelStart } from "./problem.ts";

/** Every bilevel method: a function of a problem, a start and its options. */
export type BilevelMethod = (
  problem: BilevelProblem,
  start: BilevelStart,
  options: never,
) => Method<BilevelIterate>;

/** When to stop, whatever the method. */
export interface BilevelLimits {
  readonly maxIterations?: number;
  /** Stop when this many gradients have been computed. */
  readonly maxOracleCalls?: number;
  /** Milliseconds. */
  readonly timeLimit?: number;
  /** Called with every iterate; stop when it returns false. */
  readonly onIterate?: (iterate: BilevelIterate) => unknown;
  readonly signal?: AbortSignal;
}

const limitNames = [
  "method",
  "maxIterations",
  "maxOracleCalls",
  "timeLimit",
  "onIterate",
  "signal",
] as const satisfies readonly ("method" | keyof BilevelLimits)[];

type OptionsOf<M extends BilevelMethod> = Parameters<M>[2];

/** The method, its options, and when to stop. */
export type MinimizeBilevelOptions<M extends BilevelMethod> = BilevelLimits &
  Omit<OptionsOf<M>, keyof BilevelLimits>;

/** An iterate in figures. */
export interface BilevelRecord {
  readonly iteration: number;
  readonly sigma: number;
  readonly stationarity: number;
  readonly innerResidual: number;
  readonly oracleCalls: number;
}

/** Where a bilevel method came to, and how. */
export interface BilevelSolution {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Of the lower level alone. */
  readonly z: Float64Array;
  /** f(x, y) + (g(x, y) - g(x, z)) / sigma with the last sigma; f(x, y) for methods without a penalty. */
  readonly value: number;
  readonly stationarity: number;
  readonly innerResidual: number;
  readonly iterations: number;
  readonly oracleCalls: number;
  readonly products: number;
  readonly status: BilevelStatus;
  /** The status in words, with the residual where the lower level was not solved. */
  readonly message: string;
  readonly history: readonly BilevelRecord[];
}

/**
 * Solves a bilevel problem by the penalty method, double loop, unless another method is given, and reports the point, the
 * costs, why it ended and a history. Methods are values; their options are given along with the limits:
 *
 *     await minimizeBilevel(problem, { x0, y0 }, { sigma: 0.01, stepSize: 0.1, innerStepSize: 0.2, tolerance: 1e-3 });
 *
 * A run whose stationarity met the tolerance at its limit while the lower level did not is "inner-not-converged".
 *
 * @throws ArgumentError when a limit or an option is not valid
 * @throws the signal's reason on abort, and what the method throws
 */
export async function minimizeBilevel<M extends BilevelMethod = typeof doubleLoopPenalty>(
  problem: BilevelProblem,
  start: BilevelStart,
  options: { readonly method?: M } & MinimizeBilevelOptions<M>,
): Promise<BilevelSolution> {
  const given: { readonly method?: BilevelMethod; readonly tolerance?: number } & BilevelLimits =
    options ?? {};
  const {
    method = doubleLoopPenalty,
    maxIterations = 1000,
    maxOracleCalls = Number.POSITIVE_INFINITY,
    timeLimit,
    onIterate,
    ...own
  } = given;
  checkFunction({ method });
  if (onIterate !== undefined) checkFunction({ onIterate });
  checkLimit({ maxIterations, maxOracleCalls });
  const { signal, tolerance = 0 } = own;
  const iterates = callWithRest("minimizeBilevel", limitNames, own, (rest) =>
    // the compiler cannot see that M's own options arrive here
    method(problem, start, rest as never),
  );
  const history: BilevelRecord[] = [];
  let stopped = false;

  const { iterate, status: ending } = await solve(iterates, {
    maxIterations,
    ...(timeLimit !== undefined && { timeLimit }),
    ...(signal && { signal }),
    onIterate(current) {
      const { iteration, sigma, stationarity, innerResidual, oracleCalls } = current;
      if (iteration > 0) history.push({ iteration, sigma, stationarity, innerResidual, oracleCalls });
      stopped = onIterate?.(current) === false;
    },
    until(current) {
      return stopped || current.oracleCalls >= maxOracleCalls;
    },
  });
  // copies: whoever kept the last iterate may change its points
  const [x, y, z] = [iterate.x.slice(), iterate.y.slice(), iterate.z.slice()];

  const { sigma, stationarity, innerResidual, iteration: iterations, oracleCalls, products } = iterate;
  function statusOf(): BilevelStatus {
    if (iterate.status) return iterate.status;
    if (stopped) return "stopped";
    if (tolerance > 0 && stationarity <= tolerance) return "inner-not-converged";
    if (oracleCalls >= maxOracleCalls) return "oracle-limit";
    return ending === "time-limit" ? ending : "max-iterations";
  }
  const status = statusOf();
  const upper = await levelValue(problem, "upper", x, y);
  const excess = Number.isNaN(sigma)
    ? 0
    : ((await levelValue(problem, "lower", x, y)) - (await levelValue(problem, "lower", x, z))) / sigma;
  return {
    x,
    y,
    z,
    value: upper + excess,
    stationarity,
    innerResidual,
    iterations,
    oracleCalls,
    products,
    status,
    message:
      status === "inner-not-converged"
        ? `${statusMessages[status]}: its residual is ${innerResidual}`
        : statusMessages[status],
    history,
  };
}
