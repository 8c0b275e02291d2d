import { areFinite } from "../check/arrays.ts";
import { ArgumentError, ConvergenceError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkFunction, checkOptions } from "../check/options.ts";
import { type Iterate, iterates, type Method, type MethodOptions } from "../iterate/iterate.ts";
import { checkPoint } from "../objectives/objective.ts";
import { noCalls, type TargetBatch, type TargetCounts, type TargetProblem } from "./contract.ts";
import { checkEta, chooseEta, type EtaMemory, type EtaRule } from "./eta.ts";
import { innerArmijo } from "./inner/armijo.ts";
import type { InnerSolver, InnerStatus } from "./inner/contract.ts";
import { innerConjugateGradient, innerExact } from "./inner/exact.ts";
import { innerGaussNewton } from "./inner/gauss-newton.ts";
import { innerGradientDescent } from "./inner/gradient-descent.ts";
import { innerLbfgs } from "./inner/lbfgs.ts";
import { type Anchor, anchorAt, type Proximal, type ProximalDomain, surrogateAt } from "./surrogate.ts";
import { lossSmoothness } from "./target-loss.ts";

const namedSolvers = {
  armijo: innerArmijo,
  gradientDescent: innerGradientDescent,
  exact: innerExact,
  conjugateGradient: innerConjugateGradient,
  gaussNewton: innerGaussNewton,
  lbfgs: innerLbfgs,
} as const;

/** The names of the inner solvers, which then have their default options. */
export type InnerSolverName = keyof typeof namedSolvers;

export interface SsoOptions extends MethodOptions<SsoState> {
  /** m, the inner steps per oracle call. */
  readonly innerSteps?: number;
  readonly inner?: InnerSolverName | InnerSolver;
  /**
   * Step size in target space: a number, a schedule, a line search or AdaGrad. Defaults to 1/L for full batches, else
   * 1/(2L).
   */
  readonly eta?: EtaRule;
  readonly proximal?: Proximal;
  readonly domain?: ProximalDomain;
}

/** The state of the method, and the figures of the step that led to it. */
export interface SsoState {
  readonly theta: Float64Array;
  readonly counts: TargetCounts;
  /** The state of the eta rule. */
  readonly memory: EtaMemory;
  /** Sums of g^2 for the diagonal proximal term, one number per target of all rows; otherwise empty. */
  readonly accumulator: Float64Array;
  /** Loss of the batch before the step; undefined at the start. */
  readonly batchLoss: number | undefined;
  readonly batchGradientNorm: number | undefined;
  /** Why the inner solver ended; undefined at the start. */
  readonly inner: InnerStatus | undefined;
  /** Whether an exact solver found a singular normal matrix and used the minimum-norm solution. */
  readonly rankDeficient: boolean;
}

/** What an outer step reports. */
export interface SsoView extends Omit<SsoState, "memory" | "accumulator"> {
  /** Eta of the step that led to this iterate; undefined at the start. */
  readonly eta: number | undefined;
}

/** An iterate of target-space surrogate descent. */
export type SsoIterate = Iterate<SsoState> & SsoView;

const CURVATURE_FLOOR = 1e-5;
const ACCUMULATOR_RANGE = [1e-5, 1e5] as const;

function checkSsoOptions(
  problem: TargetProblem,
  { innerSteps, inner, proximal, domain }: Required<Omit<SsoOptions, "eta" | "resume" | "signal">>,
): void {
  checkPositiveInteger({ innerSteps });
  if (typeof inner === "string" && !Object.hasOwn(namedSolvers, inner))
    throw new ArgumentError(
      `inner must be a solver or one of ${Object.keys(namedSolvers).join(", ")}, got "${inner}"`,
    );
  if (typeof inner !== "string") checkFunction({ inner });
  if (!["euclidean", "diagonal", "newton", "kl"].includes(proximal))
    throw new ArgumentError(`proximal must be euclidean, diagonal, newton or kl, got "${proximal}"`);
  if (domain !== "batch" && domain !== "full")
    throw new ArgumentError(`domain must be batch or full, got "${domain}"`);
  if (proximal === "diagonal" && problem.rows === undefined)
    throw new ArgumentError(
      'proximal "diagonal" keeps state per row: it needs a problem with a fixed number of rows',
    );
  if (proximal === "newton" && domain === "full" && !problem.deterministic)
    throw new ArgumentError('proximal "newton" uses the curvature of the batch: it needs domain "batch"');
}

const places = (rows: Int32Array, outputs: number): Int32Array =>
  Int32Array.from(
    { length: rows.length * outputs },
    (_, j) => rows[Math.floor(j / outputs)] * outputs + (j % outputs),
  );

/** The diagonal term's sums G after the batch, and its curvatures sqrt(G) on the rows that it covers. */
function diagonalCurvature(before: Float64Array, { batch, map, gradient }: Anchor) {
  const [least, most] = ACCUMULATOR_RANGE;
  const accumulator = before.slice();
  const everywhere = Int32Array.from(accumulator.keys());
  const own = batch.rowNumbers ? places(batch.rowNumbers, map.outputs) : everywhere;
  own.forEach((place, j) => {
    accumulator[place] = Math.min(most, Math.max(least, accumulator[place] + gradient[j] * gradient[j]));
  });
  const covered = map === batch.map ? own : everywhere;
  const curvature = Float64Array.from(covered, (place) => Math.sqrt(Math.max(least, accumulator[place])));
  return { accumulator, curvature };
}

function newtonCurvature({ batch, lossTargets }: Anchor): Float64Array<ArrayBuffer> {
  const curvature = batch.loss.curvature?.(lossTargets);
  if (curvature === undefined)
    throw new ArgumentError('proximal "newton" needs a loss with curvature, such as binaryLogisticLoss');
  return curvature.map((c) => c + CURVATURE_FLOOR);
}

/**
 * Stochastic surrogate optimization in target space (SSO): each outer step evaluates the gradient of the loss once, at
 * the targets z_t = f_R(theta_t) of a batch, then makes m steps of an inner solver on the surrogate around z_t, which
 * needs only the model and its derivatives. It saves gradients of the loss; it saves time only if these cost more than
 * steps of the model.
 *
 * With full batches and eta <= 1/L the surrogate is an upper bound, and h(theta_t) never increases. One inner step with
 * a constant step size is stochastic gradient descent. A batch on which the inner search finds no step is skipped
 * (`inner: "stalled"`).
 * Source: Lavington, Vaswani, Babanezhad, Schmidt & Le Roux 2023, "Target-based surrogates for stochastic
 * optimization".
 *
 * @param problem the source of batches: `targetProblem(model, loss, { batchSize })`, or any other `TargetProblem`
 * @returns a method that does not end by itself
 * @throws ArgumentError naming the argument that is not valid; without eta the loss must have a smoothness constant
 * @throws ConvergenceError naming the outer step, the inner step and the step size when the surrogate is not finite
 */
export function sso(
  problem: TargetProblem,
  theta0: Float64Array,
  options: SsoOptions = {},
): Method<SsoIterate> {
  checkOptions("sso", options, ["innerSteps", "inner", "eta", "proximal", "domain", "resume", "signal"]);
  const {
    innerSteps = 10,
    inner = "armijo",
    eta,
    proximal = "euclidean",
    domain = "batch",
    resume,
    signal,
  } = options;
  checkPoint(theta0, problem.dimension, "theta0");
  checkSsoOptions(problem, { innerSteps, inner, proximal, domain });
  const rule = eta ?? 1 / ((problem.deterministic ? 1 : 2) * lossSmoothness(problem));
  checkEta(rule);
  const solve = typeof inner === "string" ? namedSolvers[inner]() : inner;
  const { batchesPerEpoch } = problem;

  return iterates<SsoState, SsoView>(
    {
      fields: { theta: theta0.length, counts: undefined, memory: undefined, accumulator: undefined },
      start: () => ({
        theta: Float64Array.from(theta0),
        counts: noCalls(),
        memory: { eta: undefined, squares: 0 },
        accumulator: new Float64Array(proximal === "diagonal" ? (problem.rows ?? 0) * problem.outputs : 0),
        batchLoss: undefined,
        batchGradientNorm: undefined,
        inner: undefined,
        rankDeficient: false,
      }),
      async step(state, iteration) {
        const counts = { ...state.counts };
        const batch: TargetBatch = await problem.at(iteration, state.theta);
        const anchor = await anchorAt(batch, state.theta, { domain, proximal, counts });
        if (!Number.isFinite(anchor.value) || !areFinite(anchor.gradient))
          throw new ConvergenceError(
            `the loss or its gradient is not finite at outer step ${iteration}: loss ${anchor.value}`,
          );
        const memory = await chooseEta(rule, anchor, { iteration, memory: state.memory, counts });
        const diagonal = proximal === "diagonal" ? diagonalCurvature(state.accumulator, anchor) : undefined;
        const curvature = proximal === "newton" ? newtonCurvature(anchor) : diagonal?.curvature;
        const surrogate = surrogateAt(anchor, { eta: memory.eta, proximal, curvature, counts });
        const result = await solve(surrogate, { steps: innerSteps, batchesPerEpoch });
        if (result.status === "not-finite")
          throw new ConvergenceError(
            `the surrogate is not finite at outer step ${iteration}, inner step ${result.steps}, step size ${result.stepSize}`,
          );
        counts.innerSteps += result.steps;
        return {
          theta: result.theta,
          counts,
          memory,
          accumulator: diagonal?.accumulator ?? state.accumulator,
          batchLoss: anchor.value,
          batchGradientNorm: result.gradientNorm,
          inner: result.status,
          rankDeficient: result.rankDeficient ?? false,
        };
      },
      view: ({ memory, accumulator: _, ...shown }) => ({ ...shown, eta: memory.eta }),
    },
    { resume, signal },
  );
}
