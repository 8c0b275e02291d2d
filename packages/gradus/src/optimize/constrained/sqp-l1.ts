import { ConvergenceError } from "../../check/errors.ts";
import { checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkBoolean, checkOneOf, checkOptions } from "../../check/options.ts";
import { iterates, type Method } from "../../iterate/iterate.ts";
import { denseMultiply } from "../../linalg/dense.ts";
import { gmres } from "../../linalg/krylov/gmres.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { checkConstrainedOptions, constrainedOptions } from "./ada-sketch-options.ts";
import { backtrack } from "./backtrack.ts";
import type { ConstrainedIterate, ConstrainedOptions, ConstrainedState } from "./contract.ts";
import { kktSystem } from "./kkt-system.ts";
import { type L1Model, l1Model, l1Norm } from "./l1-model.ts";
import { newtonRightSide } from "./newton-direction.ts";
import {
  checkProblem,
  type EqualityProblem,
  feasibilityAt,
  hessianAt,
  pointFrom,
  requireDefined,
  zeroMultipliers,
} from "./problem.ts";
import { secondOrderCorrection } from "./second-order-correction.ts";
import { startAt, stateFields } from "./start.ts";
import { statusAt, viewOf } from "./termination.ts";

export interface SqpL1Options extends ConstrainedOptions {
  /**
   * When a direction is accurate enough. "adaptive": ||r||_1 <= kappa ||grad L||_1, with kappa sharpened and the penalty
   * raised until the model is reduced enough; "two-tests": after Byrd, Curtis & Nocedal 2008, loose, with a model
   * reduction test or a feasibility test.
   */
  readonly termination?: "adaptive" | "two-tests";
  /** First penalty. */
  readonly penalty?: number;
  /**
   * Krylov steps per GMRES cycle: by default n + m, at most 100, with which one cycle solves a small system. Fewer steps may
   * hardly reduce the residual of an indefinite system from cycle to cycle.
   */
  readonly restart?: number;
  /** GMRES cycles after which a direction is taken as it is: by default as many as make 10 (n + m) Krylov steps. */
  readonly maxCycles?: number;
  /**
   * Whether a step that is refused is tried once more, moved to where the constraints are what their linear model says: on by
   * default. Without it curved constraints may take thousands of short steps.
   */
  readonly secondOrderCorrection?: boolean;
}

const ARMIJO = 1e-8;
const PENALTY_LIMIT = 1e8;
const NU = 1.5;
const EPSILON = 0.1;
const TAU = 0.1;
const ADAPTIVE_SIGMA = 0.09;
const FIRST_KAPPA = 0.1;
const KAPPA_1 = 0.1;
/** Vectors that GMRES keeps by default. */
const LONGEST_CYCLE = 100;
/** Krylov steps for a direction by default, for each unknown. */
const KRYLOV_STEPS = 10;

/** A direction, its residual by blocks in the l1 norm, and what GMRES took. */
interface GmresCycle {
  readonly step: Float64Array;
  readonly residual: { readonly x: number; readonly c: number };
  readonly stagnated: boolean;
}

/** The same Newton system, cycle after cycle. */
async function* gmresCycles(
  K: Float64Array,
  rightSide: Float64Array,
  n: number,
  { restart, signal }: { restart: number; signal: AbortSignal | undefined },
): AsyncGenerator<GmresCycle, void, void> {
  const order = rightSide.length;
  for await (const iterate of gmres(denseMatrix(K, order, order), rightSide, {
    restart,
    relativeTolerance: 0,
    signal,
  })) {
    const whole = iterate.iteration > 0 && iterate.iteration % restart === 0;
    if (!whole && !iterate.done) continue;
    const step = iterate.x;
    const r = denseMultiply(K, order, order, step);
    for (let i = 0; i < order; i++) r[i] -= rightSide[i];
    yield {
      step,
      residual: { x: l1Norm(r.subarray(0, n)), c: l1Norm(r.subarray(n)) },
      stagnated: iterate.done === true,
    };
  }
}

/**
 * SQP on the l1 merit function  f + mu ||c||_1  with GMRES as inner solver, for min f(x) subject to c(x) = 0: the two
 * deterministic baselines of AdaSketch-Newton. The Newton system is the same; GMRES makes `restart` Krylov steps at a
 * time, from where it stands, until the direction passes the chosen tests; then mu is large enough for the model
 *
 *     -grad f^T p - max(p^T B p / 2, 0) + mu (||c||_1 - ||G p + c||_1) >= sigma mu max(||c||_1, ||G p + c||_1 - ||c||_1)
 *
 * and an Armijo search backtracks from a unit step, with a second-order correction of steps that it refuses.
 * Source: Byrd, Curtis & Nocedal 2008, "An inexact SQP method for equality constrained optimization"; constants as in
 * the comparison of Hong, Na, Mahoney & Kolar 2023.
 *
 * @param x0 n numbers
 * @throws ArgumentError when an option, a size or a returned array does not fit
 * @throws ConvergenceError naming what of the problem is not finite, and at which iteration
 */
export function sqpL1(
  problem: EqualityProblem,
  x0: Float64Array,
  options: SqpL1Options = {},
): Method<ConstrainedIterate> {
  checkOptions("sqpL1", options, [
    ...["termination", "penalty", "restart", "maxCycles", "secondOrderCorrection"],
    ...constrainedOptions,
  ]);
  const { termination = "adaptive", penalty = 1, secondOrderCorrection: corrects = true } = options;
  const { lambda0 = zeroMultipliers(problem), resume, signal } = options;
  const checked = checkConstrainedOptions(options);
  checkProblem(problem, x0, lambda0);
  checkOneOf(["adaptive", "two-tests"], { termination });
  checkBoolean({ secondOrderCorrection: corrects });
  checkWithin("(0, 1e8)", { penalty });
  const { dimension: n, constraintCount: m } = problem;
  const { restart = Math.min(n + m, LONGEST_CYCLE) } = options;
  checkPositiveInteger({ restart });
  const { maxCycles = Math.ceil((KRYLOV_STEPS * (n + m)) / restart) } = options;
  checkPositiveInteger({ maxCycles });

  async function start(): Promise<ConstrainedState> {
    const { point, counts } = await startAt(problem, x0, lambda0);
    const feasibilityShare = Math.max(l1Norm(point.lagrangianGradient) / (l1Norm(point.constraints) + 1), 1);
    const parameters = { mu: penalty, kappa: FIRST_KAPPA, feasibilityShare };
    return { point, ...statusAt(problem, point, 0, checked), steps: 0, parameters, counts, last: undefined };
  }

  async function step(state: ConstrainedState, iteration: number): Promise<ConstrainedState> {
    const { point } = state;
    const counts = { ...state.counts };
    let { mu, kappa, feasibilityShare } = state.parameters;
    const H = await hessianAt(problem, point, counts, iteration);
    const system = await kktSystem(H, point.jacobian, n, m, checked);
    const rightSide = newtonRightSide(point);
    const size = { x: l1Norm(point.lagrangianGradient), c: l1Norm(point.constraints) };
    const total = size.x + size.c;
    const sigma = termination === "adaptive" ? ADAPTIVE_SIGMA : TAU * (1 - EPSILON);

    let model: L1Model | undefined;
    let dz = new Float64Array(n + m);
    let residual = total;
    let cycles = 0;
    for await (const cycle of gmresCycles(system.K, rightSide, n, { restart, signal })) {
      dz = Float64Array.from(cycle.step);
      model = l1Model(point, system.B, dz.subarray(0, n));
      residual = cycle.residual.x + cycle.residual.c;
      const over = cycle.stagnated || cycles >= maxCycles;
      cycles += 1;
      if (termination === "two-tests") {
        const first =
          residual <= total &&
          cycle.residual.c <= Math.max(KAPPA_1 * size.x, feasibilityShare * size.c) &&
          model.sufficient(mu, sigma);
        const second = cycle.residual.x <= EPSILON * size.c && cycle.residual.c <= feasibilityShare * size.c;
        if (first || second || over) break;
        continue;
      }
      if (residual > kappa * total && !over) continue;
      while (mu <= PENALTY_LIMIT && !model.sufficient(mu, sigma)) {
        mu *= NU;
        kappa /= NU ** 2;
        if (residual > kappa * total && !over) break;
      }
      if (mu > PENALTY_LIMIT || model.sufficient(mu, sigma)) break;
    }
    counts.innerSteps += cycles * restart;
    counts.innerFlops += cycles * (restart + 1) * 2 * (n + m) ** 2;
    if (!model) throw new ConvergenceError(`GMRES gave no direction at iteration ${iteration}`);
    if (termination === "two-tests" && !model.sufficient(mu, sigma)) mu = model.raised(mu, TAU) + 1e-4;

    const parameters = { mu, kappa, feasibilityShare };
    const meritBefore = point.value + mu * size.c;
    const slope = model.slope(mu);
    const triedAt = async (x: Float64Array) => {
      const feasibility = await feasibilityAt(problem, x, counts);
      const value = feasibility.value + mu * l1Norm(feasibility.constraints);
      return { value, at: { x, feasibility }, defect: feasibility.defect };
    };
    const found = await backtrack(meritBefore, slope, ARMIJO, async (stepSize) => {
      const p = dz.subarray(0, n).map((value) => stepSize * value);
      const tried = await triedAt(point.x.map((value, j) => value + p[j]));
      const isRefused = tried.value > meritBefore + ARMIJO * stepSize * slope;
      if (!corrects || tried.defect !== undefined || !isRefused || tried.value === Number.POSITIVE_INFINITY)
        return tried;
      const d = secondOrderCorrection(point, p, tried.at.feasibility.constraints);
      const corrected = await triedAt(tried.at.x.map((value, j) => value + d[j]));
      return corrected.defect === undefined && corrected.value < tried.value ? corrected : tried;
    });
    if ("failed" in found) {
      if (found.defect !== undefined)
        throw new ConvergenceError(`${found.defect} on every step tried at iteration ${iteration}`);
      return { ...state, status: "no-acceptable-step", parameters, counts };
    }
    const lambda = point.lambda.map((value, i) => value + found.stepSize * dz[n + i]);
    const { x, feasibility } = found.at;
    const { point: next, defect } = await pointFrom(problem, x, lambda, feasibility, counts);
    requireDefined(defect, iteration + 1);
    const steps = state.steps + 1;
    return {
      point: next,
      ...statusAt(problem, next, steps, checked),
      steps,
      parameters,
      counts,
      last: {
        stepSize: found.stepSize,
        meritBefore,
        merit: found.value,
        innerSteps: cycles * restart,
        residual: residual / total,
        parameters,
        descent: slope < 0,
      },
    };
  }

  return iterates({ fields: stateFields(problem), start, step, view: viewOf }, { resume, signal });
}
