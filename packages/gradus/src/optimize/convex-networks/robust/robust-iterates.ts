import { checkLength } from "../../../check/arrays.ts";
import { ConvergenceError } from "../../../check/errors.ts";
import { checkNonNegative, checkPositive, checkWithin } from "../../../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../../iterate/iterate.ts";
import { copyState, type InPlaceStepper, iteratesInPlace } from "../../../iterate/iterate-in-place.ts";
import type { DenseMatrix } from "../../../linalg/matrix.ts";
import { lengthOf, shrinkBlocks } from "../admm-state.ts";
import { checkMethodOptions, checkObject, checkPerturbed } from "../check.ts";
import { type GroupedWeights, type ReluNetwork, recoverNetwork } from "../network.ts";
import { patternSystem } from "../pattern-system.ts";
import type { ActivationPatterns, Perturbation } from "../patterns.ts";
import { type CheckedProblem, checkProblem, type NetworkProblem, problemOptions } from "../problem.ts";
import { productInto, rowRange, zeroMatrix } from "../products.ts";
import { projectOnEpigraph } from "./l1-epigraph.ts";
import { robustSystem } from "./robust-system.ts";
import { type Example, worstCaseLoss } from "./worst-case-loss.ts";

/** Inputs that an adversary may change: each column by at most epsilon. */
export interface Robustness {
  /** >= 0, in the units of x. */
  readonly epsilon: number;
  /** One a column of x: whether it may change; all unless given. The intercept never does. */
  readonly perturbed?: readonly boolean[];
}

/** Plain data from which the method continues bit for bit: blocks, their copies and scaled duals. */
export interface RobustState {
  u: Float64Array;
  tau: Float64Array;
  /** The copy with the group penalty. */
  v: Float64Array;
  lambda: Float64Array;
  /** The copies with |q_i|_1 <= t_i. */
  q: Float64Array;
  qDual: Float64Array;
  t: Float64Array;
  tDual: Float64Array;
  /** (2D_i - I) X u_i - epsilon tau_i 1, kept nonnegative. */
  s: Float64Array;
  nu: Float64Array;
  /** n x d: sum_i d_ik (v_i - w_i) of every row, with the loss. */
  rows: Float64Array;
  rowsDual: Float64Array;
  primalResidual: number;
  dualResidual: number;
  scale: number;
}

export interface RobustNetworkOptions extends NetworkProblem, MethodOptions<RobustState> {
  readonly robustness: Robustness;
  /** Of the design: of x with a last column of ones where there is an intercept. */
  readonly patterns: ActivationPatterns;
  /** The penalty rho > 0 of the splitting: max(0.1, beta). */
  readonly rho?: number;
  /** Over-relaxation, in (0, 2): 1 is none, 1.6 is often faster. */
  readonly relaxation?: number;
  /** Ends the method when residuals relative to 1 + |u| + |s| are at most this. */
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
 * The box of a robustness in the columns of the design.
 *
 * @throws ArgumentError when epsilon is negative, or `perturbed` has another length than x has columns
 */
export function perturbationOf({ x, design }: CheckedProblem, robustness: Robustness): Perturbation {
  checkObject("robustness", robustness, "{ epsilon, perturbed }");
  checkOptions("robustness", robustness, ["epsilon", "perturbed"]);
  const { epsilon, perturbed = new Array<boolean>(x.columns).fill(true) } = robustness;
  checkNonNegative({ epsilon });
  checkPerturbed(perturbed, x.columns, "x");
  return { epsilon, perturbed: Array.from({ length: design.columns }, (_, j) => perturbed[j] ?? false) };
}

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

const softened = (value: number, threshold: number) => Math.max(0, Math.abs(value) - threshold);

/** `robustNetworkIterates` for what was checked. */
export function robustIterates(
  problem: CheckedProblem,
  options: Omit<RobustNetworkOptions, keyof NetworkProblem>,
): Method<RobustNetworkIterate> {
  const { design, y, beta, intercept } = problem;
  const { rho = Math.max(0.1, beta), relaxation = 1, tolerance = 1e-6, patterns, resume } = options;
  checkPositive({ rho, tolerance });
  checkWithin("(0, 2)", { relaxation });
  const { epsilon, perturbed } = perturbationOf(problem, options.robustness);
  const { rows: n, columns: d } = design;
  const maps = patternSystem(design, patterns);
  const P = patterns.count;
  const blocks = 2 * P;
  if (resume) checkLength("resume.state.u", resume.state.u, blocks * d);
  const { solve, masks, masksTransposed } = robustSystem(maps, epsilon);
  const loss = worstCaseLoss(problem.loss.name);
  const examples: Example[] = Array.from({ length: n }, (_, k) => ({
    x: rowRange(design, k, 1).values,
    y: y[k],
    epsilon,
    perturbed,
  }));

  const right = zeroMatrix(blocks, d);
  const bounds = new Float64Array(blocks);
  const slack = zeroMatrix(blocks, n);
  const signed = zeroMatrix(blocks, n);
  const difference = zeroMatrix(P, d);
  const gathered = zeroMatrix(P, d);
  const rowSums = zeroMatrix(n, d);
  const block = (values: Float64Array): DenseMatrix => ({ rows: blocks, columns: d, values });

  /** a_k = sum_i d_ik (v_i - w_i), for every row. */
  function rowsOf(V: Float64Array, out: DenseMatrix): void {
    for (let at = 0; at < P * d; at++) difference.values[at] = V[at] - V[P * d + at];
    productInto(masksTransposed, { plain: difference, resident: difference }, out);
  }

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
    productInto(masks, { plain: rowSums, resident: rowSums }, gathered);
    for (let at = 0; at < P * d; at++) {
      right.values[at] += gathered.values[at];
      right.values[P * d + at] -= gathered.values[at];
    }
    for (let at = 0; at < v.length; at++) right.values[at] += v[at] - lambda[at] + q[at] - qDual[at];
    solve(right, bounds);
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
    rowsOf(u, rowSums);
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

  function figures({ v }: RobustState) {
    maps.signedInputs(block(v), signed);
    let violation = 0;
    let penalty = 0;
    let activeBlocks = 0;
    for (let i = 0; i < blocks; i++) {
      const weights = v.subarray(i * d, (i + 1) * d);
      let norm = 0;
      for (let j = 0; j < d; j++) if (perturbed[j]) norm += Math.abs(weights[j]);
      for (let at = i * n; at < (i + 1) * n; at++)
        violation = Math.max(violation, epsilon * norm - signed.values[at]);
      const size = lengthOf(weights);
      penalty += size;
      activeBlocks += Number(size > 0);
    }
    rowsOf(v, rowSums);
    let worst = 0;
    examples.forEach((example, k) => {
      worst += loss.value(example, rowRange(rowSums, k, 1).values);
    });
    return { violation, activeBlocks, worstCaseLoss: worst, objective: worst + beta * penalty };
  }

  /** The dual value at the scaled duals, divided by how far they are outside the dual's constraint. */
  function lowerBound({ nu, rows, rowsDual, primalResidual }: RobustState): number {
    // from the first step on, each row minimizes  phi - rho rowsDual^T a,  as the value below takes for granted
    if (primalResidual === Number.POSITIVE_INFINITY) return 0;
    let value = 0;
    for (let k = 0; k < n; k++) {
      const a = rows.subarray(k * d, (k + 1) * d);
      value += loss.value(examples[k], a);
      for (let j = 0, at = k * d; j < d; j++, at++) value -= rho * rowsDual[at] * a[j];
    }
    productInto(
      masks,
      {
        plain: { rows: n, columns: d, values: rowsDual },
        resident: { rows: n, columns: d, values: rowsDual },
      },
      gathered,
    );
    slack.values.set(nu);
    const inward = zeroMatrix(blocks, d);
    maps.adjointInPlace(slack, inward);
    let steepest = beta;
    for (let i = 0; i < blocks; i++) {
      let sum = 0;
      for (let at = i * n; at < (i + 1) * n; at++) sum -= nu[at];
      let square = 0;
      for (let j = 0; j < d; j++) {
        const outer = i < P ? gathered.values[i * d + j] : -gathered.values[(i - P) * d + j];
        const slope = outer + inward.values[i * d + j];
        square += (perturbed[j] ? softened(slope, epsilon * sum) : slope) ** 2;
      }
      steepest = Math.max(steepest, rho * Math.sqrt(square));
    }
    return Math.max(0, (value * beta) / steepest);
  }

  const grouped = ({ v }: RobustState): GroupedWeights => {
    const all = block(v.slice());
    return { positive: rowRange(all, 0, P), negative: rowRange(all, P, P) };
  };

  const stepper: InPlaceStepper<RobustState, RobustNetworkView, RobustNetworkFigures> = {
    start() {
      const weights = () => new Float64Array(blocks * d);
      const each = () => new Float64Array(blocks);
      const inputs = () => new Float64Array(blocks * n);
      const byRow = () => new Float64Array(n * d);
      return {
        u: weights(),
        tau: each(),
        v: weights(),
        lambda: weights(),
        q: weights(),
        qDual: weights(),
        t: each(),
        tDual: each(),
        s: inputs(),
        nu: inputs(),
        rows: byRow(),
        rowsDual: byRow(),
        primalResidual: Number.POSITIVE_INFINITY,
        dualResidual: Number.POSITIVE_INFINITY,
        scale: 1,
      };
    },
    advance(state, iteration) {
      update(state);
      maps.signedInputs(block(state.u), signed);
      const group = shrinkBlocks(state, d, beta / rho, relaxation, 1);
      const all = [[group.gap, group.move], projectNorms(state), clip(state), applyLoss(state)];
      state.primalResidual = all.reduce((sum, [gap]) => sum + Math.sqrt(gap), 0);
      state.dualResidual = rho * all.reduce((sum, [, move]) => sum + Math.sqrt(move), 0);
      state.scale = 1 + lengthOf(state.u) + lengthOf(state.s);
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
      objective: (state) => figures(state).objective,
      worstCaseLoss: (state) => figures(state).worstCaseLoss,
      violation: (state) => figures(state).violation,
      lowerBound,
      activeBlocks: (state) => figures(state).activeBlocks,
      network: (state) => recoverNetwork(grouped(state), { intercept }),
    },
    copy: copyState,
  };
  return iteratesInPlace(stepper, options);
}
