import { areFinite } from "../check/arrays.ts";
import { ArgumentError, ConvergenceError } from "../check/errors.ts";
import { checkPositiveInteger } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
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

/** The inner solvers that go by a name, with their default options. */
export type InnerSolverName = keyof typeof namedSolvers;

export interface SsoOptions extends MethodOptions<SsoState> {
  /** m: steps of the inner solver for each call of the oracle. */
  readonly innerSteps?: number;
  readonly inner?: InnerSolverName | InnerSolver;
  /** How far targets may move: a number, a schedule, a line search, AdaGrad. 1/L on all rows, else 1/(2L), by default. */
  readonly eta?: EtaRule;
  readonly proximal?: Proximal;
  readonly domain?: ProximalDomain;
}

/** Where the method stands, and what the step that led there measured. */
export interface SsoState {
  readonly theta: Float64Array;
  readonly counts: TargetCounts;
  /** What the rule of eta remembers. */
  readonly memory: EtaMemory;
  /** Sums of g^2, a number for every target of all rows, of the diagonal proximal term; else empty. */
  readonly accumulator: Float64Array;
  /** Of the batch, before the step; undefined at the start. */
  readonly batchLoss: number | undefined;
  readonly batchGradientNorm: number | undefined;
  /** How the inner solver ended; undefined at the start. */
  readonly inner: InnerStatus | undefined;
  /** True where an exact solver met a singular normal matrix and took the shortest solution. */
  readonly rankDeficient: boolean;
}

/** What an outer step shows: its state without memory, its step size, and how the inner solver ended. */
export interface SsoView extends Omit<SsoState, "memory" | "accumulator"> {
  /** Of the step that led here. */
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

/** The diagonal term's sums after the batch, and its curvatures sqrt(G) on the rows that it covers. */
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

function newtonCurvature({ batch, lossTargets }: Anchor): Float64Array {
  const curvature = batch.loss.curvature?.(lossTargets);
  if (curvature === undefined)
    throw new ArgumentError('proximal "newton" needs a loss with curvature, such as binaryLogisticLoss');
  return curvature.map((c) => c + CURVATURE_FLOOR);
}

/**
 * Target-based surrogate descent, SSO (Lavington, Vaswani, Babanezhad, Schmidt and Le Roux, 2023): each outer step
 * calls the gradient of the loss once, at the targets z_t = f_R(theta_t) of a batch, and then makes m steps of an inner
 * solver on the surrogate around z_t, which takes the model and its derivatives alone. It saves gradients of the loss,
 * and time only where they cost more than steps of the model.
 *
 * With eta <= 1/L on all rows the surrogate is an upper bound, and h(theta_t) never increases. One inner step with a
 * constant step is stochastic gradient descent. A batch on which the inner search finds no step is passed over
 * (`inner: "stalled"`).
 *
 * @param problem where batches come from: `targetProblem(model, loss, { batchSize })`, or a stream of its own
 * @returns an endless method
 * @throws ArgumentError naming what does not fit; without eta the loss must have a smoothness constant
 * @throws ConvergenceError when the surrogate is not finite, with outer step, inner step and step size
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
      start: () => ({
        theta: theta0.slice(),
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
