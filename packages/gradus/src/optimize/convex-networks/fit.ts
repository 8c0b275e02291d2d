import { ArgumentError } from "../../check/errors.ts";
import { checkNonNegativeInteger, checkPositive, checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOneOf } from "../../check/options.ts";
import { solve } from "../../iterate/iterate.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import type { OptimizationStatus } from "../status.ts";
import { certified, type GlobalCertificate } from "./certificate.ts";
import { unitDirections } from "./features.ts";
import { type SplittingUpdate, splittingIterates } from "./iterates.ts";
import { networkOf, networkOfDirections, networkOutputs, type ReluNetwork } from "./network.ts";
import { MOST_ROWS } from "./pattern-system.ts";
import { type ActivationPatterns, checkPatternCount, drawPatterns, enumeratePatterns } from "./patterns.ts";
import { inTurns } from "./pieces.ts";
import { type CheckedProblem, checkProblem, type NetworkProblem, problemOptions } from "./problem.ts";
import { INNER_GAP, refinedIterates, solveDirections } from "./refined-iterates.ts";
import { worstCaseObjective } from "./robust/certified-margins.ts";
import { robustIterates } from "./robust/robust-iterates.ts";
import { perturbationOf, type Robustness } from "./robust/robustness.ts";
import { inRowSpace } from "./row-space.ts";
import { widenedIterates } from "./widened-iterates.ts";

/**
 * `widened`: descent on a network that gets hidden units where the dual's constraint is violated, until the certificate
 * closes; `refined`: the sampled program, to which directions are added there; `sampled`: that program with random directions
 * alone; `admm`: the convex program over given or sampled activation patterns.
 */
export type FitMethod = "widened" | "refined" | "sampled" | "admm";

/** What `fitConvexReluNetwork` says while it runs. */
export interface FitProgress {
  /** Rounds of `widened` and `refined`, iterations of the others. */
  readonly iteration: number;
  readonly objective: number;
  /** The gap over the objective, where the method knows it on the way: by coarse searches with `widened`. */
  readonly relativeGap: number | undefined;
}

export interface FitConvexNetworkOptions extends NetworkProblem {
  /**
   * `admm` where `robustness`, `patterns` or `update` is given, `sampled` where `samples` is; else `refined` for up to 1,000
   * entries of the design and a loss with a gradient, and `widened`.
   */
  readonly method?: FitMethod;
  /** Activation patterns, or how many to sample: by default all where the design has at most two columns, else up to 40. */
  readonly patterns?: ActivationPatterns | number;
  /** The update of `admm`, not with `robustness`; `exact`, for at most 11,585 rows, unless given. */
  readonly update?: SplittingUpdate;
  /** Hidden directions of `sampled`: 1000. */
  readonly samples?: number;
  /** Trains against inputs that an adversary may change. */
  readonly robustness?: Robustness;
  /** The relative gap at which the network is good enough. */
  readonly tolerance?: number;
  /** Rounds of `widened` and `refined` (100), iterations of the others (2000). */
  readonly maxIterations?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FitProgress) => void;
}

/**
 * A certificate of adversarial training. `objective` is an upper bound of the network's worst-case objective over the whole
 * box; no network whose units keep these patterns over the box has a worst-case objective below `lowerBound`.
 */
export interface PatternCertificate extends Omit<GlobalCertificate, "overshoot" | "kind"> {
  readonly kind: "patterns";
  /** The largest violation of the program's constraints: units may change their pattern inside the box by so much. */
  readonly violation: number;
}

/** A trained network, and how far from the global optimum it can be. */
export interface ConvexNetworkFit {
  readonly network: ReluNetwork;
  readonly certificate: GlobalCertificate | PatternCertificate;
  /**
   * `converged`: the relative gap is at most `tolerance`; `gap-open`: the method solved its program, but these patterns do not
   * close the gap, or the bound is loose. `statusMessages[status]` says it in words.
   */
  readonly status: Extract<OptimizationStatus, "converged" | "max-iterations" | "gap-open">;
  readonly iterations: number;
  /** Patterns of the convex program; 0 where the method has none. */
  readonly patterns: number;
  /** The outputs for rows of inputs. */
  predict(x: DenseMatrix): Float64Array;
}

const ROUNDS = 100;
const ITERATIONS = 2000;
const PATTERNS = 40;
const SAMPLES = 1000;
const REPORT_EVERY = 10;
/** Entries of the design up to which refinement by an exact program a round takes less time. */
const SMALL = 1000;

function patternsFor(
  { design }: CheckedProblem,
  given: ActivationPatterns | number | undefined,
  options: Omit<Parameters<typeof drawPatterns>[1], "count">,
): ActivationPatterns {
  if (typeof given === "number") {
    if (!options.perturbation) checkPatternCount("patterns", given, design);
    const drawn = drawPatterns(design, { ...options, count: given });
    if (drawn.count < given)
      throw new ArgumentError(
        `patterns must be at most the number of patterns that exist, got ${given}; ${drawn.count} were found`,
      );
    return drawn;
  }
  if (given !== undefined) return given;
  if (design.columns <= 2 && !options.perturbation) return enumeratePatterns(design);
  return drawPatterns(design, { ...options, count: PATTERNS });
}

/**
 * Trains a network with one hidden layer of rectified units to its global optimum, and says how far from it the network can
 * be: a convex program in place of descent, so that neither initialization nor width nor a learning rate is chosen. With
 * more columns than rows it is solved in the space that the rows span, which has the same optimum.
 *
 *     min over u_j, b_j, a_j   sum_k phi(sum_j (x_k^T u_j + b_j)_+ a_j, y_k) + (beta / 2) sum_j (|u_j|^2 + b_j^2 + a_j^2)
 *
 * @throws ArgumentError when an option does not fit, or more patterns are asked for than exist
 * @throws DataError naming the place of a number or label that does not fit
 * @throws the signal's reason when `signal` is aborted
 * Source: Bai, Gautam & Sojoudi 2022, "Efficient Global Optimization of Two-layer ReLU Networks: Quadratic-time Algorithms
 * and Adversarial Training".
 */
export async function fitConvexReluNetwork(options: FitConvexNetworkOptions): Promise<ConvexNetworkFit> {
  checkGivenOptions("fitConvexReluNetwork", options, [
    ...problemOptions,
    "method",
    "patterns",
    "update",
    "samples",
    "robustness",
    "tolerance",
    "maxIterations",
    "seed",
    "signal",
    "onProgress",
  ]);
  const { robustness, patterns, update, samples, tolerance = 1e-3, seed = 0 } = options;
  const problem = checkProblem(options);
  if (robustness !== undefined) perturbationOf(problem, robustness);
  const { method = defaultMethod(problem, options) } = options;
  checkOneOf(["widened", "refined", "sampled", "admm"], { method });
  checkPositive({ tolerance });
  checkNonNegativeInteger({ seed });
  if (update !== undefined) checkOneOf(["exact", "block-coordinate"], { update });
  if (samples !== undefined) checkPositiveInteger({ samples });
  if (typeof patterns === "number") checkPositiveInteger({ patterns });
  const { maxIterations = method === "widened" || method === "refined" ? ROUNDS : ITERATIONS } = options;
  checkPositiveInteger({ maxIterations });
  if (problem.loss.smoothness === undefined && (method === "refined" || method === "sampled"))
    throw new ArgumentError(
      `method "${method}" needs a loss with a gradient, got "${problem.loss.name}"; use method "widened" or "admm"`,
    );
  for (const [name, value, owner] of [
    ["robustness", robustness, "admm"],
    ["patterns", patterns, "admm"],
    ["update", update, "admm"],
    ["samples", samples, "sampled"],
  ] as const)
    if (value !== undefined && method !== owner)
      throw new ArgumentError(`${name} is an option of method "${owner}", got method "${method}"`);
  if (update !== undefined && robustness !== undefined)
    throw new ArgumentError("update cannot be combined with robustness, whose program has one update");
  const { rows } = problem.design;
  if (method === "admm" && !robustness && update !== "block-coordinate" && rows > MOST_ROWS)
    throw new ArgumentError(
      `x must have at most ${MOST_ROWS} rows for method "admm" with update "exact", got ${rows}; use method "widened"`,
    );
  const methods = { widened, refined, sampled, admm: robustness ? robust : splitting };
  const chosen = { ...options, tolerance, seed, maxIterations };
  if (robustness !== undefined || typeof patterns === "object") return methods[method](problem, chosen);
  const reduced = inRowSpace(problem);
  const fit = await methods[method](reduced.problem, chosen);
  const network = reduced.lift(fit.network);
  return { ...fit, network, predict: (x) => networkOutputs(network, x) };
}

function defaultMethod(
  { design, loss }: CheckedProblem,
  { robustness, patterns, update, samples }: FitConvexNetworkOptions,
): FitMethod {
  if (robustness !== undefined || patterns !== undefined || update !== undefined) return "admm";
  if (samples !== undefined) return "sampled";
  return loss.smoothness !== undefined && design.values.length <= SMALL ? "refined" : "widened";
}

type Chosen = FitConvexNetworkOptions & { tolerance: number; seed: number; maxIterations: number };

function fitOf(
  found: Omit<ConvexNetworkFit, "status" | "predict">,
  { tolerance, maxIterations }: Chosen,
): ConvexNetworkFit {
  const limited = found.iterations >= maxIterations ? "max-iterations" : "gap-open";
  return {
    ...found,
    status: found.certificate.relativeGap <= tolerance ? "converged" : limited,
    predict: (x) => networkOutputs(found.network, x),
  };
}

async function refined(problem: CheckedProblem, options: Chosen): Promise<ConvexNetworkFit> {
  const { tolerance, seed, maxIterations, signal, onProgress } = options;
  const { iterate } = await solve(refinedIterates(problem, { tolerance, seed, signal }), {
    maxIterations,
    onIterate: ({ iteration, objective, certificate: { relativeGap } }) =>
      onProgress?.({ iteration, objective, relativeGap }),
  });
  const { network, certificate, iteration } = iterate;
  return fitOf({ network, certificate, iterations: iteration, patterns: 0 }, options);
}

async function widened(problem: CheckedProblem, options: Chosen): Promise<ConvexNetworkFit> {
  const { tolerance, seed, maxIterations, signal, onProgress } = options;
  const { iterate } = await solve(widenedIterates(problem, { tolerance, seed, signal }), {
    maxIterations,
    onIterate: ({ iteration, objective, lowerBound }) =>
      onProgress?.({ iteration, objective, relativeGap: (objective - lowerBound) / objective }),
  });
  const { network, iteration, state } = iterate;
  const certificate =
    iterate.certificate ??
    (await inTurns(certified(problem, network, { dual: state.dual, seed }), signal)).certificate;
  return fitOf({ network, certificate, iterations: iteration, patterns: 0 }, options);
}

async function sampled(problem: CheckedProblem, options: Chosen): Promise<ConvexNetworkFit> {
  const { tolerance, seed, maxIterations, samples = SAMPLES, signal, onProgress } = options;
  const directions = unitDirections(samples, problem.design.columns, seed);
  const { alpha, iterations } = await solveDirections(problem, directions, new Float64Array(samples), {
    relativeGap: INNER_GAP * tolerance,
    maxIterations,
    signal,
    onIterate(iteration, objective) {
      if (iteration % REPORT_EVERY === 0 || problem.loss.name === "squared")
        onProgress?.({ iteration, objective, relativeGap: undefined });
    },
  });
  const network = networkOfDirections(directions, alpha, problem.intercept);
  const { certificate } = await inTurns(certified(problem, network, { seed }), signal);
  return fitOf({ network, certificate, iterations, patterns: 0 }, options);
}

async function splitting(problem: CheckedProblem, options: Chosen): Promise<ConvexNetworkFit> {
  const { tolerance, seed, maxIterations, signal, onProgress } = options;
  const patterns = patternsFor(problem, options.patterns, { seed });
  const { update } = options;
  const settings = { update, relaxation: 1.6, balance: true, tolerance: tolerance / 100, seed, signal };
  const { iterate } = await solve(splittingIterates(problem, patterns, settings), {
    maxIterations,
    onIterate(current) {
      if (onProgress && current.iteration % REPORT_EVERY === 0)
        onProgress({ iteration: current.iteration, objective: current.objective, relativeGap: undefined });
    },
  });
  const { network, dual, iteration } = iterate;
  const { certificate } = await inTurns(certified(problem, network, { dual, seed }), signal);
  return fitOf({ network, certificate, iterations: iteration, patterns: patterns.count }, options);
}

async function robust(problem: CheckedProblem, options: Chosen): Promise<ConvexNetworkFit> {
  const { tolerance, seed, maxIterations, signal, onProgress, robustness = { epsilon: 0 } } = options;
  const perturbation = perturbationOf(problem, robustness);
  const patterns = patternsFor(problem, options.patterns, { seed, perturbation });
  // what was found on the way holds as well: the highest bound, and the network with the lowest objective
  let network: ReluNetwork = networkOf([], problem.design.columns, problem.intercept);
  let [objective, bound, violation, iterations] = [Number.POSITIVE_INFINITY, 0, 0, 0];
  const gap = () => Math.max(0, objective - bound);
  const settings = { robustness, patterns, relaxation: 1.6, tolerance: tolerance / 100, signal };
  for await (const current of robustIterates(problem, settings)) {
    iterations = current.iteration;
    const last = current.done || iterations >= maxIterations;
    if (iterations % REPORT_EVERY !== 0 && !last) continue;
    bound = Math.max(bound, current.lowerBound);
    const reached = worstCaseObjective(problem, current.network, perturbation);
    if (reached < objective) [network, objective, violation] = [current.network, reached, current.violation];
    onProgress?.({ iteration: iterations, objective, relativeGap: gap() / objective });
    if (last || gap() <= tolerance * objective) break;
  }
  const certificate: PatternCertificate = {
    objective,
    lowerBound: objective - gap(),
    gap: gap(),
    relativeGap: objective > 0 ? gap() / objective : 0,
    violation,
    kind: "patterns",
  };
  return fitOf({ network, certificate, iterations, patterns: patterns.count }, options);
}
