import { checkLength } from "../../../check/arrays.ts";
import { ConvergenceError } from "../../../check/errors.ts";
import { checkPositive, checkWithin } from "../../../check/numbers.ts";
import { checkGivenOptions } from "../../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../../iterate/iterate-in-place.ts";
import { checkMethodOptions } from "../../../iterate/method-options.ts";
import type { DenseMatrix } from "../../../linalg/matrix.ts";
import { lengthOf, residualUnit, shrinkBlocks } from "../admm-state.ts";
import { type GroupedWeights, type ReluNetwork, recoverNetwork } from "../network.ts";
import { patternSystem } from "../pattern-system.ts";
import type { ActivationPatterns } from "../patterns.ts";
import { type CheckedProblem, checkProblem, type NetworkProblem, problemOptions } from "../problem.ts";
import { productInto, rowRange, zeroMatrix } from "../products.ts";
import { projectOnEpigraph } from "./l1-epigraph.ts";
import { type RobustProgram, robustFigures, robustLowerBound } from "./robust-figures.ts";
import { type RobustState, startingRobustState } from "./robust-state.ts";
import { robustSystem } from "./robust-system.ts";
import { perturbationOf, type Robustness } from "./robustness.ts";
import { type Example, worstCaseLoss } from "./worst-case-loss.ts";

export interface RobustNetworkOptions extends NetworkProblem, MethodOptions<RobustState> {
  readonly robustness: Robustness;
  /** Of the design: of x with a last column of ones where there is an intercept. */
  readonly patterns: ActivationPatterns;
  /** The penalty rho > 0 of the splitting: max(0.1, beta). */
  readonly rho?: number;
  /** Over-relaxation, in (0, 2): 1 is none, 1.6 is often faster. */
  readonly relaxation?: number;
  /**
   * Ends the method when residuals relative to 1 + |u| + |s| are at most this; with the squared loss, |y| replaces the 1
   * where it is smaller.
   */
  readonly tolerance?: number;
}

/** What an iterate shows at once. */
export interface RobustNetworkView {
  readonly primalResidual: number;
  readonly dualResidual: number;
}

/** What an iterate computes when it is read. */
export interface RobustNetworkFigures {
  readonly weights: GroupedWeights;
  /** The worst-case loss under the patterns, and the penalty: at least that of the network where `violation` is 0. */
  readonly objective: number;
  /** sum_k of the worst-case loss alone. */
  readonly worstCaseLoss: number;
  /** max(0, max over rows and blocks of  epsilon |v_i|_1 - (2d_ik - 1) x_k^T v_i). */
  readonly violation: number;
  /** The robust program with these patterns has no lower objective. */
  readonly lowerBound: number;
  readonly activeBlocks: number;
  readonly network: ReluNetwork;
}

/** An iterate of the robust program. */
export type RobustNetworkIterate = Iterate<RobustState> & RobustNetworkView & RobustNetworkFigures;

/**
 * Adversarial training of a two-layer ReLU network as a convex program: inputs may move by |delta_j| <= epsilon.
 *
 *     min over v_i, w_i   sum_k max over delta of phi((x_k + delta)^T a_k, y_k) + beta sum_i (|v_i| + |w_i|),
 *     a_k = sum_i d_ik (v_i - w_i),   subject to   (2D_i - I) X v_i >= epsilon |v_i|_1 1,   the same for w_i.
 *
 * Under the constraints every unit keeps its pattern over the whole box, so the optimum bounds the worst-case objective of
 * the recovered network. Solved by ADMM with copies for the penalty, the 1-norms, the constraints and the rows' losses; the
 * linear system is fixed and diagonal in two eigenbases.
 *
 * Source: Bai, Gautam & Sojoudi 2022, Section 4, for the programs; the splitting is ours.
 *
 * @throws ArgumentError when an option does not fit
 * @throws DataError naming the place of a number or label that does not fit
 * @throws ConvergenceError when the iteration leaves the range of numbers
 */
export function robustNetworkIterates(options: RobustNetworkOptions): Method<RobustNetworkIterate> {
  checkGivenOptions("robustNetworkIterates", options, [
    ...problemOptions,
    "robustness",
    "patterns",
    "rho",
    "relaxation",
    "tolerance",
    "resume",
    "signal",
  ]);
  const problem = checkProblem(options);
  checkMethodOptions(options, [
    "u",
    "tau",
    "v",
    "lambda",
    "q",
    "qDual",
    "t",
    "tDual",
    "s",
    "nu",
    "rows",
    "rowsDual",
  ]);
  return robustIterates(problem, options);
}

/** `robustNetworkIterates` for what was checked. */
export function robustIterates(
  problem: CheckedProblem,
  options: Omit<RobustNetworkOptions, keyof NetworkProblem>,
): Method<RobustNetworkIterate> {
  const { design, y, beta, intercept } = problem;
  const { rho = Math.max(0.1, beta), relaxation = 1, tolerance = 1e-6, patterns, resume } = options;
  checkPositive({ rho, tolerance });
  checkWithin("(0, 2)", { relaxation });
  const box = perturbationOf(problem, options.robustness);
  const { epsilon, perturbed } = box;
  const { rows: n, columns: d } = design;
  const maps = patternSystem(design, patterns);
  const P = patterns.count;
  const blocks = 2 * P;
  if (resume) checkLength("resume.state.u", resume.state.u, blocks * d);
  const system = robustSystem(maps, epsilon);
  const loss = worstCaseLoss(problem.loss.name);
  const examples: Example[] = Array.from({ length: n }, (_, k) => ({
    x: rowRange(design, k, 1).values,
    y: y[k],
    epsilon,
    perturbed,
  }));
  const program: RobustProgram = { maps, system, loss, examples, beta, rho, box };

  const right = zeroMatrix(blocks, d);
  const bounds = new Float64Array(blocks);
  const slack = zeroMatrix(blocks, n);
  const signed = zeroMatrix(blocks, n);
  const gathered = zeroMatrix(P, d);
  const rowSums = zeroMatrix(n, d);
  const block = (values: Float64Array): DenseMatrix => ({ rows: blocks, columns: d, values });

  function update(state: RobustState): void {
    const { v, lambda, q, qDual, t, tDual, s, nu, rows, rowsDual } = state;
    for (let i = 0, at = 0; i < blocks; i++) {
      let sum = 0;
      for (let k = 0; k < n; k++, at++) {
        slack.values[at] = s[at] - nu[at];
        sum += slack.values[at];
      }
      bounds[i] = t[i] - tDual[i] - epsilon * sum;
    }
    maps.adjointInPlace(slack, right);
    for (let at = 0; at < n * d; at++) rowSums.values[at] = rows[at] - rowsDual[at];
    productInto(system.masks, { plain: rowSums, resident: rowSums }, gathered);
    for (let at = 0; at < P * d; at++) {
      right.values[at] += gathered.values[at];
      right.values[P * d + at] -= gathered.values[at];
    }
    for (let at = 0; at < v.length; at++) right.values[at] += v[at] - lambda[at] + q[at] - qDual[at];
    system.solve(right, bounds);
    state.u.set(right.values);
    state.tau.set(bounds);
  }

  /** What the copies follow: the original, over-relaxed. */
  const relaxed = (original: number, copy: number) => relaxation * original + (1 - relaxation) * copy;

  /** (q, t) = projection of (u + its dual, tau + its dual); squared gap and move. */
  function projectNorms({ u, tau, q, qDual, t, tDual }: RobustState): [number, number] {
    let [gap, move] = [0, 0];
    const moved = new Float64Array(d);
    for (let i = 0; i < blocks; i++) {
      for (let j = 0, at = i * d; j < d; j++, at++) moved[j] = relaxed(u[at], q[at]) + qDual[at];
      const mixedBound = relaxed(tau[i], t[i]);
      const bound = projectOnEpigraph(moved, 0, perturbed, mixedBound + tDual[i]);
      for (let j = 0, at = i * d; j < d; j++, at++) {
        gap += (u[at] - moved[j]) ** 2;
        move += (q[at] - moved[j]) ** 2;
        qDual[at] += relaxed(u[at], q[at]) - moved[j];
        q[at] = moved[j];
      }
      gap += (tau[i] - bound) ** 2;
      move += (t[i] - bound) ** 2;
      tDual[i] += mixedBound - bound;
      t[i] = bound;
    }
    return [gap, move];
  }

  function clip({ s, nu, tau }: RobustState): [number, number] {
    let [gap, move] = [0, 0];
    for (let i = 0, at = 0; i < blocks; i++)
      for (let k = 0; k < n; k++, at++) {
        const input = signed.values[at] - epsilon * tau[i];
        const mixed = relaxed(input, s[at]);
        const next = Math.max(0, mixed + nu[at]);
        gap += (input - next) ** 2;
        move += (s[at] - next) ** 2;
        nu[at] += mixed - next;
        s[at] = next;
      }
    return [gap, move];
  }

  function applyLoss({ u, rows, rowsDual }: RobustState): [number, number] {
    let [gap, move] = [0, 0];
    system.rowSums(u, rowSums);
    const moved = new Float64Array(d);
    for (let k = 0; k < n; k++) {
      for (let j = 0, at = k * d; j < d; j++, at++)
        moved[j] = relaxed(rowSums.values[at], rows[at]) + rowsDual[at];
      loss.prox(examples[k], moved, 1 / rho);
      for (let j = 0, at = k * d; j < d; j++, at++) {
        gap += (rowSums.values[at] - moved[j]) ** 2;
        move += (rows[at] - moved[j]) ** 2;
        rowsDual[at] += relaxed(rowSums.values[at], rows[at]) - moved[j];
        rows[at] = moved[j];
      }
    }
    return [gap, move];
  }

  const grouped = ({ v }: RobustState): GroupedWeights => {
    const all = block(v.slice());
    return { positive: rowRange(all, 0, P), negative: rowRange(all, P, P) };
  };

  const stepper: InPlaceStepper<RobustState, RobustNetworkView, RobustNetworkFigures> = {
    start: () => startingRobustState(blocks, d, n),
    advance(state, iteration) {
      update(state);
      maps.signedInputs(block(state.u), signed);
      const group = shrinkBlocks(state, d, beta / rho, relaxation, 1);
      const all = [[group.gap, group.move], projectNorms(state), clip(state), applyLoss(state)];
      state.primalResidual = all.reduce((sum, [gap]) => sum + Math.sqrt(gap), 0);
      state.dualResidual = rho * all.reduce((sum, [, move]) => sum + Math.sqrt(move), 0);
      state.scale = residualUnit(problem) + lengthOf(state.u) + lengthOf(state.s);
      if (!Number.isFinite(state.primalResidual + state.dualResidual))
        throw new ConvergenceError(
          `the residuals must be finite, got ${state.primalResidual} and ${state.dualResidual} in iteration ${iteration + 1}`,
        );
    },
    view({ primalResidual, dualResidual, scale }) {
      const done = Math.max(primalResidual, dualResidual) <= tolerance * scale;
      return { primalResidual, dualResidual, done };
    },
    lazy: {
      weights: grouped,
      objective: (state) => robustFigures(program, state).objective,
      worstCaseLoss: (state) => robustFigures(program, state).worstCaseLoss,
      violation: (state) => robustFigures(program, state).violation,
      lowerBound: (state) => robustLowerBound(program, state),
      activeBlocks: (state) => robustFigures(program, state).activeBlocks,
      network: (state) => recoverNetwork(grouped(state), { intercept }),
    },
    copy: copyState,
  };
  return iteratesInPlace(stepper, options);
}
