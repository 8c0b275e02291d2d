import { ConvergenceError } from "../../check/errors.ts";
import { iterates, type Method, pacer } from "../../iterate/iterate.ts";
import { denseMultiply } from "../../linalg/dense.ts";
import { dot, norm2 } from "../../linalg/vector.ts";
import { randomStream } from "../../random/stream.ts";
import {
  type AdaSketchNewtonOptions,
  type CheckedAdaSketchOptions,
  checkAdaSketchOptions,
} from "./ada-sketch-options.ts";
import { backtrack } from "./backtrack.ts";
import type { ConstrainedCounts, ConstrainedIterate, ConstrainedState } from "./contract.ts";
import { nextShift } from "./damping.ts";
import { type InnerSolve, innerSolve } from "./inner-solve.ts";
import { type KktSystem, kktSystem } from "./kkt-system.ts";
import { type HessianPlace, lastHessian } from "./last-hessian.ts";
import { type ExactPenalties, meritGradient, meritValue } from "./merit.ts";
import { newtonRightSide, type SystemBounds, systemBounds } from "./newton-direction.ts";
import {
  checkProblem,
  type EqualityProblem,
  feasibilityAt,
  hessianAt,
  pointFrom,
  zeroMultipliers,
} from "./problem.ts";
import { productDirection, productsOfHessian } from "./product-direction.ts";
import { checkSketch } from "./sketch/solver.ts";
import { placeFields, startAt, stateFields } from "./start.ts";
import { statusAt, viewOf } from "./termination.ts";

/** delta never falls below this. */
const DELTA_FLOOR = 1e-6;
/** The residual of a direction, over the tolerance of the run, below which more digits are of no use. */
const ENOUGH = 0.1;

/** What the adaptation of one iteration works on. */
interface Direction {
  readonly step: Float64Array;
  /** The merit function's slope along it, with the penalties it ended with. */
  readonly slope: number;
  readonly penalties: ExactPenalties;
  readonly delta: number;
  readonly descent: boolean;
}

/** A direction, how it was found, and what the next step is to know of its system. */
interface FoundDirection extends Direction {
  readonly system: Pick<KktSystem, "normH" | "convex">;
  readonly solve: Pick<InnerSolve, "steps" | "flops" | "residualNorm">;
  /** This or an earlier point, whose H can precondition the next direction. */
  readonly hessianPlace: HessianPlace | undefined;
}

/** The delta below which the theory promises descent with given penalties. */
function theoreticalDelta(
  { psi, upsilon }: SystemBounds,
  { eta1, eta2 }: ExactPenalties,
  beta: number,
): number {
  return ((0.5 - beta) * eta2) / ((1 + eta1 + eta2) * upsilon ** 2 * psi ** 2);
}

/** Improves the inexact Newton direction, and adapts accuracy and penalties, until it is one of enough descent. */
async function adaptDirection(
  solve: InnerSolve,
  system: KktSystem,
  H: Float64Array,
  { point, smallestSingularValue, parameters }: ConstrainedState,
  iteration: number,
  options: CheckedAdaSketchOptions,
  pause: () => Promise<void> | undefined,
): Promise<Direction> {
  const { accuracy, schedule, nu, eta1Limit, eta2Limit, maxSketchSteps } = options;
  const { kkt, lagrangianGradient } = point;
  const n = lagrangianGradient.length;
  const curved = denseMultiply(H, n, n, lagrangianGradient);
  const bounds = systemBounds(system, point, smallestSingularValue, options.xiB);
  const { psi } = bounds;
  const deltaTrial = (penalties: ExactPenalties) => theoreticalDelta(bounds, penalties, options.beta);
  const normK = norm2(system.K);
  const theta = schedule(iteration, kkt);
  let penalties: ExactPenalties = { eta1: parameters.eta1, eta2: parameters.eta2 };
  let delta = Math.max(Math.min(parameters.delta, deltaTrial(penalties)), DELTA_FLOOR);
  let { kappa } = options;
  for (let failures = 0; ; failures++) {
    const relative = accuracy === "relative" ? kappa : delta / (normK * psi);
    await solve.improve(theta * relative * kkt, maxSketchSteps, pause);
    const step = solve.solution();
    const { gradientX, gradientLambda } = meritGradient(point, curved, penalties);
    const slope = dot(gradientX, step.subarray(0, n)) + dot(gradientLambda, step.subarray(n));
    const descent = slope <= -(penalties.eta2 / 2) * kkt ** 2;
    if (descent || penalties.eta1 > eta1Limit || penalties.eta2 < eta2Limit)
      return { step, slope, penalties, delta, descent };
    kappa /= nu ** 4;
    // a loose direction may fail for its looseness alone: the relative rule sharpens it once before it changes eta
    if (accuracy === "relative" && options.sketch !== "exact" && failures === 0) continue;
    penalties = { eta1: penalties.eta1 * nu ** 2, eta2: penalties.eta2 / nu };
    delta = Math.max(Math.min(delta / nu ** 4, deltaTrial(penalties)), DELTA_FLOOR);
  }
}

/**
 * AdaSketch-Newton for  min f(x) subject to c(x) = 0:  Newton's method on the KKT conditions with
 *
 *     K dz = -grad L,   K = [[B, G^T], [G, 0]],   B = H, or H + t I where H is not convex on the null space of G,
 *
 * solved inexactly by a randomized sketch-and-project solver; its accuracy and the penalties eta are adapted until
 * dz is a direction of enough descent of the exact augmented Lagrangian L_eta (`exactAugmentedLagrangian`),
 *
 *     grad L_eta^T dz <= -(eta2/2) ||grad L||^2,
 *
 * along which an Armijo search backtracks from a unit step. Locally the unit step is accepted; the KKT residual falls by
 * about theta kappa per iteration: linearly with a constant theta, superlinearly where theta goes to 0. With exact
 * solves, B is also shifted after steps that the search had to shorten much, an addition of ours (`damping`).
 *
 * Where the problem says that products with H are much cheaper than H (`hessianFlops`), exact solves form H only where
 * conjugate gradients with the last H that was formed would take as long, or find too little curvature.
 *
 * Row sketches cost O(n + m) per step and no memory besides K, but need about ||K||_F^2 / sigma_min(K)^2 steps per
 * digit: on systems that fit in memory exact solves, the default, are faster.
 * Source: Hong, Na, Mahoney & Kolar 2023, "Constrained optimization via exact augmented Lagrangian and randomized
 * iterative sketching"; details that the text leaves open follow the authors' code.
 *
 * @param x0 n numbers; it need not be feasible
 * @throws ArgumentError when an option, a size or a returned array does not fit
 * @throws ConvergenceError naming what of the problem is not finite, and at which iteration
 */
export function adaSketchNewton(
  problem: EqualityProblem,
  x0: Float64Array,
  options: AdaSketchNewtonOptions = {},
): Method<ConstrainedIterate> {
  const { lambda0 = zeroMultipliers(problem), resume, signal } = options;
  const checked = checkAdaSketchOptions(options);
  checkProblem(problem, x0, lambda0);
  const { dimension: n, constraintCount: m } = problem;
  const { sketch, eta1, eta2, delta, damping, beta, seed } = checked;
  if (sketch !== "exact") checkSketch(sketch, checked.sketchSize, n + m);
  const root = randomStream(seed);
  const pace = pacer();
  const pause = () => {
    signal?.throwIfAborted();
    return pace();
  };

  async function start(): Promise<ConstrainedState> {
    const { point, counts } = await startAt(problem, x0, lambda0);
    const parameters = { eta1, eta2, delta, shift: 0 };
    return { point, ...statusAt(problem, point, 0, checked), steps: 0, parameters, counts, last: undefined };
  }

  const hessians = lastHessian(problem);
  const mostProducts = sketch === "exact" && checked.accuracy === "relative" ? productsOfHessian(problem) : 0;

  async function byMatrix(
    state: ConstrainedState,
    counts: ConstrainedCounts,
    iteration: number,
  ): Promise<FoundDirection> {
    const { point, parameters } = state;
    const H = await hessianAt(problem, point, counts, iteration);
    const { shift } = parameters;
    const system = await kktSystem(H, point.jacobian, n, m, { ...checked, shift });
    const solve = innerSolve(system.K, newtonRightSide(point), root.split(iteration), checked);
    const direction = await adaptDirection(solve, system, H, state, iteration, checked, pause);
    const reusable = mostProducts > 0 && system.convex;
    return { ...direction, system, solve, hessianPlace: reusable ? hessians.remember(point, H) : undefined };
  }

  /** A direction of enough descent without H at the point, if one is found in less time than H takes. */
  async function byProducts(
    { point, parameters, hessianPlace }: ConstrainedState,
    counts: ConstrainedCounts,
    iteration: number,
  ): Promise<FoundDirection | undefined> {
    if (!hessianPlace || mostProducts === 0) return undefined;
    const hessian = await hessians.at(hessianPlace, iteration);
    const { eta1, eta2, delta, shift } = parameters;
    const penalties = { eta1, eta2 };
    // the constraints' equations are solved exactly, so that a residual as large as theirs says nothing
    const size = norm2(point.lagrangianGradient);
    const relative = checked.schedule(iteration, point.kkt) * checked.kappa * size;
    const solve = await productDirection(problem, point, hessian, penalties, {
      shift,
      floor: checked.curvatureFloor,
      threshold: Math.max(relative, ENOUGH * checked.tolerance),
      mostProducts,
      pause,
      counts,
    });
    if (!solve || !(solve.slope <= -(eta2 / 2) * point.kkt ** 2)) return undefined;
    const system = { normH: norm2(hessian), convex: true };
    const { step, slope } = solve;
    return { step, slope, penalties, delta, descent: true, system, solve, hessianPlace };
  }

  async function step(state: ConstrainedState, iteration: number): Promise<ConstrainedState> {
    const { point } = state;
    const counts = { ...state.counts };
    const direction =
      (await byProducts(state, counts, iteration)) ?? (await byMatrix(state, counts, iteration));
    const { step: dz, slope, penalties, descent, system, solve } = direction;
    counts.innerSteps += solve.steps;
    counts.innerFlops += solve.flops;
    const { shift } = state.parameters;
    const adapted = { ...penalties, delta: direction.delta, shift };
    const meritBefore = meritValue(point, penalties);

    const found =
      slope < 0
        ? await backtrack(meritBefore, slope, beta, async (stepSize) => {
            const x = point.x.map((value, j) => value + stepSize * dz[j]);
            const lambda = point.lambda.map((value, i) => value + stepSize * dz[n + i]);
            const feasibility = await feasibilityAt(problem, x, counts);
            if (feasibility.defect !== undefined)
              return { value: Number.NaN, at: point, defect: feasibility.defect };
            const { point: at, defect } = await pointFrom(problem, x, lambda, feasibility, counts);
            return { value: meritValue(at, penalties), at, defect };
          })
        : { failed: true as const, defect: undefined };
    if ("failed" in found) {
      if (found.defect !== undefined)
        throw new ConvergenceError(`${found.defect} on every step tried at iteration ${iteration}`);
      return { ...state, status: "no-acceptable-step", parameters: adapted, counts };
    }
    const steps = state.steps + 1;
    const length = found.stepSize * norm2(dz.subarray(0, n));
    const parameters =
      damping === "none"
        ? adapted
        : { ...adapted, shift: nextShift(shift, found.stepSize, length, found.at, system) };
    return {
      point: found.at,
      ...statusAt(problem, found.at, steps, checked),
      steps,
      parameters,
      counts,
      ...(direction.hessianPlace && { hessianPlace: direction.hessianPlace }),
      last: {
        stepSize: found.stepSize,
        meritBefore,
        merit: found.value,
        innerSteps: solve.steps,
        residual: solve.residualNorm / point.kkt,
        parameters,
        descent,
      },
    };
  }

  const fields = { ...stateFields(problem), ...(resume?.state?.hessianPlace && placeFields(problem)) };
  return iterates({ fields, start, step, view: viewOf }, { resume, signal });
}
